/** Where a department may be moved to, and what moving it means. Pure. */

import { withBelow } from "@/lib/tree";
import type { Department } from "./queries";

type Known = Pick<Department, "id" | "name" | "parent_id" | "people">;

/** Everywhere but where it is, itself, and what is below it; the root goes nowhere. */
export function mayMoveTo<T extends Known>(departments: readonly T[], moved: Known): T[] {
  if (moved.parent_id === null) return [];
  const inside = withBelow(departments, moved.id);
  return departments.filter(({ id }) => id !== moved.parent_id && !inside.has(id));
}

/** Active people in a department and everything below it. */
export function peopleWithin(departments: readonly Known[], id: string): number {
  const inside = withBelow(departments, id);
  return departments.reduce((sum, one) => sum + (inside.has(one.id) ? one.people : 0), 0);
}

export const WHAT_A_MOVE_MEANS =
  "Everything below it moves along. Its usage of the present period counts in the budgets that are above it now, and no longer in those that were above it before. Periods that ended more than a day ago stay as they were.";
