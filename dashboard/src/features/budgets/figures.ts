/** The figures of the four cards, from the budgets of this month. Pure. */

import type { Node } from "@/lib/departments";
import type { Budget } from "./queries";

export type Total = { tokens: number; used: number; of: "organisation" | "departments"; count: number };

const monthly = (budget: Budget) => budget.period === "monthly" && budget.unit === "tokens";

/** The nearest monthly token budgets below a department; what stands beneath one of them is part of it. */
function nearest(node: Node, byDepartment: ReadonlyMap<string, Budget>): Budget[] {
  return node.children.flatMap((child) => {
    const own = byDepartment.get(child.id);
    return own ? [own] : nearest(child, byDepartment);
  });
}

function byDepartment(budgets: readonly Budget[]): Map<string, Budget> {
  const pairs = budgets
    .filter(monthly)
    .flatMap((budget) => (budget.department_id ? [[budget.department_id, budget] as const] : []));
  return new Map(pairs);
}

/** What may be used this month: by the budget at the top, else by those below it together. */
export function totalOf(root: Node, budgets: readonly Budget[]): Total | null {
  const known = byDepartment(budgets);
  const own = known.get(root.id);
  const counted = own ? [own] : nearest(root, known);
  if (counted.length === 0) return null;
  return {
    tokens: sum(counted, (budget) => budget.limit + budget.rolled_over),
    used: sum(counted, (budget) => budget.used),
    of: own ? "organisation" : "departments",
    count: counted.length,
  };
}

/**
 * The department that used most this month, of those beside each other right below the top; the top itself for
 * someone who sees nothing below it.
 */
export function topDepartment(root: Node, budgets: readonly Budget[]): Budget | null {
  const known = byDepartment(budgets);
  const own = root.children.length === 0 ? known.get(root.id) : undefined;
  const most = own ?? nearest(root, known).toSorted((a, b) => b.used - a.used)[0];
  return most && most.used > 0 ? most : null;
}

/** The caller's own budget: the one with the least left, monthly tokens before others. */
export function ownBudget(userId: string, budgets: readonly Budget[]): Budget | null {
  const own = budgets.filter((budget) => budget.user_id === userId);
  const best = own.filter(monthly)[0] ?? own.toSorted((a, b) => b.used_percent - a.used_percent)[0];
  return best ?? null;
}

function sum(budgets: readonly Budget[], of: (budget: Budget) => number): number {
  return budgets.reduce((total, budget) => total + of(budget), 0);
}
