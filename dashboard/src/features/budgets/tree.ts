/** Budgets by where they are shown beside the department tree. Pure. */

import type { Node } from "@/lib/departments";
import { unnest } from "@/lib/tree";
import type { Budget } from "./queries";

export type Placed = {
  below: ReadonlyMap<string, Budget[]>;
  /** Of departments above the caller's own part of the tree. */
  above: Budget[];
  users: Budget[];
};

export function placed(root: Node, budgets: readonly Budget[]): Placed {
  const below = new Map<string, Budget[]>(unnest(root).map((node) => [node.id, []]));
  const above: Budget[] = [];
  for (const budget of budgets)
    if (budget.department_id !== null) (below.get(budget.department_id) ?? above).push(budget);
  return { below, above, users: budgets.filter((budget) => budget.user_id !== null) };
}
