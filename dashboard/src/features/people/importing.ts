/** What an import did or would do, in words. Pure. */

import type { Schemas } from "@/api/client";
import { exact } from "@/lib/format";
import type { ImportAnswer } from "./queries";

export const EXAMPLE = `email,name,department,role,manager_email
ada@example.com,Ada Lovelace,Engineering / Platform,manager,
grace@example.com,Grace Hopper,Engineering / Platform,,ada@example.com
`;

type Counts = Pick<ImportAnswer, "created" | "updated">;

/** "12 new, 3 changed". */
export function summary({ created, updated }: Counts): string {
  const parts = [created > 0 && `${exact(created)} new`, updated > 0 && `${exact(updated)} changed`];
  return parts.filter(Boolean).join(", ") || "nothing to do";
}

const FIELDS: Record<string, string> = {
  name: "name",
  department: "department",
  role: "role",
  manager_email: "manager",
};

/** "department: Sales → Platform"; for someone new only what they get. */
export function changeSaid({ before, after }: Schemas["ImportedChange"]): string[] {
  return Object.entries(after)
    .filter(([, value]) => before !== null || value !== null)
    .map(([field, value]) => {
      const named = FIELDS[field] ?? field;
      return before ? `${named}: ${before[field] ?? "none"} → ${value ?? "none"}` : `${named}: ${value}`;
    });
}
