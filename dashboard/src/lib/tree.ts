/** Trees as people walk them: built from a flat list, flattened to the rows on screen, moved in by keys.
 * Pure, and without recursion, so that depth costs no stack. */

export type Item = { id: string; parent_id: string | null; name: string };
export type Node<T extends Item> = { item: T; children: Node<T>[] };

/** One line on screen, with what a screen reader says of it. Levels and positions count from 1. */
export type Row<T extends Item> = {
  item: T;
  level: number;
  position: number;
  siblings: number;
  /** null: nothing is below it. */
  expanded: boolean | null;
};

const BY_NAME = new Intl.Collator(undefined, { numeric: true, sensitivity: "base" });

/** The tree of a flat list in any order, siblings by name. Whose parent is not in the list stands at the top. */
export function nest<T extends Item>(items: readonly T[]): Node<T>[] {
  const nodes = new Map(items.map((item) => [item.id, { item, children: [] } as Node<T>]));
  const tops: Node<T>[] = [];
  for (const node of nodes.values()) {
    const above = node.item.parent_id === null ? undefined : nodes.get(node.item.parent_id);
    (above && above !== node ? above.children : tops).push(node);
  }
  for (const siblings of [tops, ...Array.from(nodes.values(), (node) => node.children)])
    siblings.sort((one, other) => BY_NAME.compare(one.item.name, other.item.name));
  return tops;
}

/** A nested answer as a flat list, parents before what is below them. */
export function unnest<T extends { children: readonly T[] }>(root: T): T[] {
  const found: T[] = [];
  const left = [root];
  for (let next = left.pop(); next; next = left.pop()) {
    found.push(next);
    left.push(...next.children.toReversed());
  }
  return found;
}

/** The rows that are shown while some nodes are collapsed, from top to bottom. */
export function visible<T extends Item>(
  tops: readonly Node<T>[],
  collapsed: ReadonlySet<string> = new Set(),
): Row<T>[] {
  const rows: Row<T>[] = [];
  const left = rowsOf(tops, 1, collapsed).reverse();
  for (let next = left.pop(); next; next = left.pop()) {
    const { node, ...row } = next;
    rows.push(row);
    if (row.expanded) left.push(...rowsOf(node.children, row.level + 1, collapsed).reverse());
  }
  return rows;
}

function rowsOf<T extends Item>(nodes: readonly Node<T>[], level: number, collapsed: ReadonlySet<string>) {
  return nodes.map((node, index) => ({
    node,
    item: node.item,
    level,
    position: index + 1,
    siblings: nodes.length,
    expanded: node.children.length === 0 ? null : !collapsed.has(node.item.id),
  }));
}

/** The ids of one node and everything below it. */
export function withBelow(items: readonly Item[], id: string): Set<string> {
  const inside = new Set<string>();
  const left = [id];
  const children = new Map<string | null, string[]>(items.map((item) => [item.parent_id, []]));
  for (const item of items) children.get(item.parent_id)?.push(item.id);
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    if (inside.has(next)) continue;
    inside.add(next);
    left.push(...(children.get(next) ?? []));
  }
  return inside;
}

/** The ids above one node, the nearest first. */
export function above(items: readonly Item[], id: string): string[] {
  const parents = new Map(items.map((item) => [item.id, item.parent_id]));
  const found: string[] = [];
  for (
    let next = parents.get(id);
    next && parents.has(next) && !found.includes(next);
    next = parents.get(next)
  )
    found.push(next);
  return found;
}

/** The place with one node focused, and nothing above it collapsed. */
export function revealed(items: readonly Item[], place: Place, id: string): Place {
  const collapsed = new Set(place.collapsed);
  for (const hiding of above(items, id)) collapsed.delete(hiding);
  return { focused: id, collapsed };
}

/** The nodes with something below them from a level on: collapsed, they leave the levels above to be seen. */
export function deeperThan<T extends Item>(tops: readonly Node<T>[], level: number): Set<string> {
  const rows = visible(tops).filter((row) => row.expanded !== null && row.level >= level);
  return new Set(rows.map((row) => row.item.id));
}

export type Place = { focused: string; collapsed: ReadonlySet<string> };

/** What a key does in a tree, as the ARIA tree pattern has it; null: nothing, the key is for others. */
export function press<T extends Item>(key: string, rows: readonly Row<T>[], place: Place): Place | null {
  const at = Math.max(
    rows.findIndex((row) => row.item.id === place.focused),
    0,
  );
  const row = rows[at];
  if (!row) return null;
  if (key === "ArrowRight" && row.expanded === false) return toggled(place, row.item.id);
  if (key === "ArrowLeft" && row.expanded === true) return toggled(place, row.item.id);
  const goal = goalOf(key, rows, at, row);
  return goal ? { ...place, focused: goal.item.id } : null;
}

function goalOf<T extends Item>(key: string, rows: readonly Row<T>[], at: number, row: Row<T>) {
  if (key === "ArrowDown") return rows[at + 1] ?? row;
  if (key === "ArrowUp") return rows[at - 1] ?? row;
  if (key === "Home") return rows[0];
  if (key === "End") return rows.at(-1);
  if (key === "ArrowRight") return row.expanded ? rows[at + 1] : row;
  if (key === "ArrowLeft") return rows.find((other) => other.item.id === row.item.parent_id) ?? row;
  return [...key].length === 1 && key !== " " ? startingWith(key, rows, at) : undefined;
}

/** The next row, going round, whose name starts with what was typed. */
function startingWith<T extends Item>(typed: string, rows: readonly Row<T>[], at: number) {
  const wanted = typed.toLocaleLowerCase();
  return [...rows.slice(at + 1), ...rows.slice(0, at + 1)].find((row) =>
    row.item.name.toLocaleLowerCase().startsWith(wanted),
  );
}

/** The same place with one node collapsed that was not, or the other way round. */
export function toggled(place: Place, id: string): Place {
  const collapsed = new Set(place.collapsed);
  if (!collapsed.delete(id)) collapsed.add(id);
  return { ...place, collapsed };
}
