/** Budgets near their limit. Pure. */

import type { Schemas } from "@/api/client";
import { type Level, standingOf } from "@/ui/Gauge";
import { levelOf } from "@/ui/level";

export type Budget = Schemas["BudgetAnswer"];

/** Those near or over their limit, the furthest first. */
export function nearLimits(budgets: readonly Budget[], most: number): { budget: Budget; level: Level }[] {
  return budgets
    .map((budget) => ({ budget, level: levelOf(budget) }))
    .filter(({ level }) => standingOf(level) !== "within")
    .sort((one, other) => partOf(other.level) - partOf(one.level))
    .slice(0, most);
}

function partOf({ limit, used, held }: Level): number {
  return limit > 0 ? (used + held) / limit : Number.POSITIVE_INFINITY;
}
