/** When a new key ends. Pure. */

import dayjs from "dayjs";

export const EXPIRIES = [
  { value: "30", label: "in 30 days" },
  { value: "90", label: "in 90 days" },
  { value: "365", label: "in a year" },
  { value: "day", label: "on a day" },
  { value: "never", label: "never" },
];

/** The end that was chosen; a day is meant whole. `null`: none. */
export function expiryOf(choice: string, day: string | null, now: dayjs.Dayjs = dayjs()): string | null {
  if (choice === "never") return null;
  if (choice === "day") return day === null ? null : dayjs(day).add(1, "day").startOf("day").toISOString();
  return now.add(Number(choice), "day").toISOString();
}

type Kept = { revoked_at: string | null; expires_at?: string | null };

/** How a credential stands, in a word. */
export function standing({ revoked_at, expires_at }: Kept, now = Date.now()): "good" | "revoked" | "expired" {
  if (revoked_at !== null) return "revoked";
  return expires_at && Date.parse(expires_at) <= now ? "expired" : "good";
}
