import { ActionIcon, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconChevronRight, IconPlus } from "@tabler/icons-react";
import { type KeyboardEvent, useMemo, useRef, useState } from "react";
import type { Node } from "@/lib/departments";
import { exact } from "@/lib/format";
import { deeperThan, nest, type Place, press, type Row, toggled, unnest, visible } from "@/lib/tree";
import { Section } from "@/ui/Page";
import { BudgetLine } from "./BudgetLine";
import css from "./budgets.module.css";
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

type RowProps = {
  row: Row<Node>;
  budgets: Budget[];
  active: boolean;
  onToggle: () => void;
  onActive: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onAdd?: () => void;
};

function DepartmentRow({ row, budgets, active, onToggle, onActive, onKeyDown, onAdd }: RowProps) {
  const { item: node, level } = row;
  const tabIndex = active ? 0 : -1;
  return (
    <tr
      className={css.row}
      tabIndex={tabIndex}
      data-department={node.id}
      aria-level={level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={row.expanded ?? undefined}
      onFocus={onActive}
      onKeyDown={onKeyDown}
    >
      <NameCell row={row} onToggle={onToggle} />
      <td className="figure">
        <Text size="sm" c="dimmed" title={`${exact(node.people)} people directly in ${node.name}`}>
          {exact(node.people)}
        </Text>
      </td>
      <td className={css.budgets}>
        <Stack gap="sm">
          {budgets.length === 0 && (
            <Text size="sm" c="dimmed">
              No budget
            </Text>
          )}
          {budgets.map((budget) => (
            <BudgetLine key={budget.id} budget={budget} label={labelIn(node, budget)} tabIndex={tabIndex} />
          ))}
        </Stack>
      </td>
      <td>{onAdd && <Add name={node.name} tabIndex={tabIndex} onAdd={onAdd} />}</td>
    </tr>
  );
}

function Add({ name, tabIndex, onAdd }: { name: string; tabIndex: number; onAdd: () => void }) {
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="sm"
      tabIndex={tabIndex}
      aria-label={`Add a budget for ${name}`}
      title="Add a budget"
      onClick={onAdd}
    >
      <IconPlus size={16} />
    </ActionIcon>
  );
}

/** Indented to a bound, and from there on numbered. */
function NameCell({ row, onToggle }: { row: Row<Node>; onToggle: () => void }) {
  const { item: node, level, expanded } = row;
  return (
    <td className={css.name} style={{ paddingInlineStart: indent(level) }}>
      {expanded !== null ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          tabIndex={-1}
          className={css.toggle}
          data-open={expanded}
          aria-label={`${expanded ? "Collapse" : "Expand"} ${node.name}`}
          onClick={onToggle}
        >
          <IconChevronRight size={16} />
        </ActionIcon>
      ) : (
        <span className={css.toggle} />
      )}
      <Text
        size="sm"
        fw={level <= 2 ? 600 : 400}
        className="names"
        dir="auto"
        title={node.path}
        lineClamp={3}
      >
        {node.name}
      </Text>
      {level > INDENTED && (
        <Text size="xs" c="dimmed" style={{ flex: "none" }}>
          level {level}
        </Text>
      )}
    </td>
  );
}

/** Deeper levels stay where this one is: a tree of 50 must not run off the page. */
const INDENTED = 8;

function indent(level: number): string {
  return `calc(var(--step) * ${Math.min(level, INDENTED) - 1})`;
}

/** A budget named like its department is told from others by its period. */
function labelIn(node: Node, budget: Budget): string {
  const period = budget.period.charAt(0).toUpperCase() + budget.period.slice(1);
  return budget.name === node.name ? period : `${budget.name} · ${period}`;
}
