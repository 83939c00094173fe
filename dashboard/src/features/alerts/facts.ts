/** What an alert says in figures: its details as they were when it came. Pure. */

import { exactAmount, percent, type Unit } from "@/lib/format";

type Facts = { used: number; limit: number; unit: Unit; hardCap: boolean; resetsAt: string | null };

/** Nothing where an alert is about something else than a budget. */
export function factsOf(details: Record<string, unknown>): Facts | null {
  const { used, limit, unit, hard_cap, resets_at } = details;
  if (typeof used !== "number" || typeof limit !== "number") return null;
  if (unit !== "tokens" && unit !== "micros") return null;
  return {
    used,
    limit,
    unit,
    hardCap: hard_cap === true,
    resetsAt: typeof resets_at === "string" ? resets_at : null,
  };
}

/** "15,737,479 tokens of 17,000,000 tokens, 92%". */
export function usedOf({ used, limit, unit }: Facts): string {
  return `${exactAmount(used, unit)} of ${exactAmount(limit, unit)}, ${percent(used, limit)}%`;
}

/** What it means for those who work. */
export function consequence({ used, limit, hardCap }: Facts): string {
  if (used < limit)
    return hardCap ? "Requests are blocked when the limit is reached." : "Nothing is blocked.";
  return hardCap ? "Requests are blocked." : "Nothing is blocked: it is a soft cap.";
}
