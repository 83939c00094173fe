/** The department tree as rows, and how the keys move in it. Pure. */

import { everyNode, type Node } from "@/lib/departments";
import type { Budget } from "./queries";

export type Opened = Readonly<Record<string, boolean>>;

export type Row = {
  node: Node;
  level: number;
  /** Of how many beside it, and which of them it is: from 1. */
  size: number;
  place: number;
  open: boolean;
  parent: string | null;
};

/** Open until someone closes it: the first levels, so that a deep tree does not start as a wall. */
const OPEN_LEVELS = 2;

export function isOpen(id: string, level: number, opened: Opened): boolean {
  return opened[id] ?? level <= OPEN_LEVELS;
}

/** The rows that show: those whose departments above are open. */
export function rowsOf(root: Node, opened: Opened): Row[] {
  const rows: Row[] = [];
  const add = (node: Node, level: number, place: number, size: number, parent: string | null) => {
    const open = node.children.length > 0 && isOpen(node.id, level, opened);
    rows.push({ node, level, place, size, open, parent });
    if (!open) return;
    node.children.forEach((child, index) => {
      add(child, level + 1, index + 1, node.children.length, node.id);
    });
  };
  add(root, 1, 1, 1, null);
  return rows;
}

export type Move = { focus: string } | { toggle: string } | null;

/** What a key does in the row at `at`, as in every tree: see the ARIA practices for treegrids. */
export function move(rows: readonly Row[], at: string, key: string): Move {
  const index = rows.findIndex((row) => row.node.id === at);
  const row = rows[index];
  if (!row) return null;
  const to = (target: Row | undefined): Move => (target ? { focus: target.node.id } : null);
  switch (key) {
    case "ArrowDown":
      return to(rows[index + 1]);
    case "ArrowUp":
      return to(rows[index - 1]);
    case "Home":
      return to(rows[0]);
    case "End":
      return to(rows.at(-1));
    case "ArrowRight":
      if (row.node.children.length === 0) return null;
      return row.open ? to(rows[index + 1]) : { toggle: at };
    case "ArrowLeft":
      if (row.open) return { toggle: at };
      return row.parent ? { focus: row.parent } : null;
    default:
      return null;
  }
}

/** Every department that something is below of, open or closed at once. */
export function all(root: Node, open: boolean): Opened {
  return Object.fromEntries(
    everyNode(root)
      .filter((node) => node.children.length > 0)
      .map((node) => [node.id, open]),
  );
}

export type Placed = {
  below: ReadonlyMap<string, Budget[]>;
  /** Of departments above the caller's own part of the tree. */
  above: Budget[];
  users: Budget[];
};

/** Budgets by where they are shown. */
export function placed(root: Node, budgets: readonly Budget[]): Placed {
  const here = new Set(everyNode(root).map((node) => node.id));
  const below = new Map<string, Budget[]>();
  const above: Budget[] = [];
  for (const budget of budgets) {
    const id = budget.department_id;
    if (id === null) continue;
    if (here.has(id)) below.set(id, [...(below.get(id) ?? []), budget]);
    else above.push(budget);
  }
  return { below, above, users: budgets.filter((budget) => budget.user_id !== null) };
}
