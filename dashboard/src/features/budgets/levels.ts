/** Levels from the stream, put into budgets that were read before. Pure. */

import type { Budget } from "./queries";

export type Level = Pick<
  Budget,
  | "id"
  | "limit"
  | "rolled_over"
  | "used"
  | "held"
  | "exempt_used"
  | "remaining"
  | "used_percent"
  | "resets_at"
>;

/** The budget at this level; the same object where nothing moved, so that nothing is drawn again. */
export function atLevel(budget: Budget, level: Level | undefined): Budget {
  if (!level) return budget;
  const fields = Object.keys(level) as (keyof Level)[];
  return fields.every((field) => budget[field] === level[field]) ? budget : { ...budget, ...level };
}

export function withLevels(budgets: readonly Budget[], levels: readonly Level[]): Budget[] {
  const byId = new Map(levels.map((level) => [level.id, level]));
  return budgets.map((budget) => atLevel(budget, byId.get(budget.id)));
}

/** Whether the levels tell of something that has to be read anew: another budget, or another period. */
export function tellsMore(budgets: readonly Budget[], levels: readonly Level[]): boolean {
  const known = new Map(budgets.map((budget) => [budget.id, budget]));
  return levels.some((level) => {
    const budget = known.get(level.id);
    return !budget || Date.parse(budget.resets_at) !== Date.parse(level.resets_at);
  });
}
