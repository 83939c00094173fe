import { Button, Group, Paper } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Node } from "@/lib/departments";
import { deeperThan, nest, type Place, press, toggled, unnest, visible } from "@/lib/tree";
import { Section } from "@/ui/Page";
import css from "./budgets.module.css";
import { DepartmentRow } from "./DepartmentRow";
import type { Budget } from "./queries";

type Props = { root: Node; budgets: ReadonlyMap<string, Budget[]>; onAdd?: (department: string) => void };

/** Closed from there on until someone opens them, so that a deep tree does not start as a wall. */
const CLOSED_FROM = 3;

/** The departments with their budgets, as a treegrid: one row has the focus, arrows move it, Tab goes into it. */
export function DepartmentTree({ root, budgets, onAdd }: Props) {
  const tops = useMemo(() => nest(unnest(root)), [root]);
  const [kept, setKept] = useLocalStorage<string[] | null>({ key: "toktra.budget-tree", defaultValue: null });
  const [focused, setFocused] = useState(root.id);
  const grid = useRef<HTMLTableElement>(null);
  const place = { focused, collapsed: kept === null ? deeperThan(tops, CLOSED_FROM) : new Set(kept) };
  const rows = visible(tops, place.collapsed);
  const at = rows.some((row) => row.item.id === focused) ? focused : root.id;

  const go = (to: Place) => {
    setKept([...to.collapsed]);
    setFocused(to.focused);
    grid.current?.querySelector<HTMLElement>(`[data-department="${to.focused}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) return;
    const to = press(event.key, rows, { ...place, focused: at });
    if (!to) return;
    event.preventDefault();
    go(to);
  };
  const onAll = (open: boolean) => setKept(open ? [] : [...deeperThan(tops, 1)]);

  return (
    <Section title="Departments" actions={root.children.length > 0 && <Folding onAll={onAll} />}>
      <Paper withBorder>
        {/* biome-ignore lint/a11y/noNoninteractiveElementToInteractiveRole: a treegrid is a table with rows to open */}
        <table className={css.tree} role="treegrid" aria-label="Departments and their budgets" ref={grid}>
          <thead>
            <tr className={css.head}>
              <th scope="col">Department</th>
              <th scope="col" className="figure">
                People
              </th>
              <th scope="col">Budgets</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <DepartmentRow
                key={row.item.id}
                row={row}
                budgets={budgets.get(row.item.id) ?? []}
                active={row.item.id === at}
                onToggle={() => setKept([...toggled(place, row.item.id).collapsed])}
                onActive={() => setFocused(row.item.id)}
                onKeyDown={onKeyDown}
                onAdd={onAdd && (() => onAdd(row.item.parent_id === null ? "" : row.item.path))}
              />
            ))}
          </tbody>
        </table>
      </Paper>
    </Section>
  );
}

function Folding({ onAll }: { onAll: (open: boolean) => void }) {
  return (
    <Group gap={4}>
      <Button size="compact-xs" variant="subtle" onClick={() => onAll(true)}>
        Expand all
      </Button>
      <Button size="compact-xs" variant="subtle" onClick={() => onAll(false)}>
        Collapse all
      </Button>
    </Group>
  );
}
