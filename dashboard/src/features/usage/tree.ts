/** The tree of departments, read in a row. Pure. */

import type { Schemas } from "@/api/client";

type Node = Schemas["DepartmentNode"];

/** A department and all below it, each above those below it. As deep as it may be: without recursion. */
export function inARow(root: Node): Node[] {
  const row: Node[] = [];
  const waiting = [root];
  for (let next = waiting.pop(); next; next = waiting.pop()) {
    row.push(next);
    waiting.push(...[...next.children].reverse());
  }
  return row;
}
