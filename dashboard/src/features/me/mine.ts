/** Which budgets stand above someone. Pure. */

import type { Schemas } from "@/api/client";
import { unnest } from "@/lib/tree";

type Budget = Pick<Schemas["BudgetAnswer"], "scope" | "department_id" | "user_id">;
type Node = Schemas["DepartmentNode"];

/**
 * Those for the person, for their department and all above it, and for the organisation.
 * `root` is as much of the tree as they see: departments outside of it whose budgets they see stand above it.
 */
export function mine<B extends Budget>(
  budgets: readonly B[],
  root: Node,
  me: { id: string; departmentId: string },
): B[] {
  const seen = new Map(unnest(root).map((node) => [node.id, node]));
  const above = new Set<string>();
  for (let node = seen.get(me.departmentId); node; node = seen.get(node.parent_id ?? "")) above.add(node.id);
  const stands = ({ scope, user_id, department_id }: B) =>
    scope === "organization" ||
    (scope === "user"
      ? user_id === me.id
      : department_id !== null && (above.has(department_id) || !seen.has(department_id)));
  return budgets.filter(stands);
}
