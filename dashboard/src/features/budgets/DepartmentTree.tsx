import { ActionIcon, Button, Group, Paper, Stack, Text } from "@mantine/core";
import { useLocalStorage } from "@mantine/hooks";
import { IconChevronRight, IconPlus } from "@tabler/icons-react";
import { type KeyboardEvent, useRef, useState } from "react";
import type { Node } from "@/lib/departments";
import { exact } from "@/lib/format";
import { Section } from "@/ui/Page";
import { BudgetLine } from "./BudgetLine";
import css from "./budgets.module.css";
import type { Budget } from "./queries";
import { all, move, type Opened, type Row, rowsOf } from "./tree";

type Props = { root: Node; budgets: ReadonlyMap<string, Budget[]>; onAdd?: (department: string) => void };

/** The departments with their budgets, as a treegrid: one row has the focus, arrows move it, Tab goes into it. */
export function DepartmentTree({ root, budgets, onAdd }: Props) {
  const [opened, setOpened] = useLocalStorage<Opened>({ key: "toktra.budget-tree", defaultValue: {} });
  const [active, setActive] = useState(root.id);
  const grid = useRef<HTMLTableElement>(null);
  const rows = rowsOf(root, opened);
  const at = rows.some((row) => row.node.id === active) ? active : root.id;

  const toggle = (row: Row) => setOpened({ ...opened, [row.node.id]: !row.open });
  const focus = (id: string) => {
    setActive(id);
    grid.current?.querySelector<HTMLElement>(`[data-department="${id}"]`)?.focus();
  };
  const onKeyDown = (event: KeyboardEvent, row: Row) => {
    if (event.target !== event.currentTarget || event.ctrlKey || event.altKey || event.metaKey) return;
    const made = move(rows, row.node.id, event.key);
    if (!made) return;
    event.preventDefault();
    if ("focus" in made) focus(made.focus);
    else toggle(row);
  };

  return (
    <Section title="Departments" actions={<Folding onAll={(open) => setOpened(all(root, open))} />}>
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
                key={row.node.id}
                row={row}
                budgets={budgets.get(row.node.id) ?? []}
                active={row.node.id === at}
                onToggle={() => toggle(row)}
                onActive={() => setActive(row.node.id)}
                onKeyDown={(event) => onKeyDown(event, row)}
                onAdd={onAdd && (() => onAdd(row.node.parent_id === null ? "" : row.node.path))}
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
  row: Row;
  budgets: Budget[];
  active: boolean;
  onToggle: () => void;
  onActive: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onAdd?: () => void;
};

function DepartmentRow({ row, budgets, active, onToggle, onActive, onKeyDown, onAdd }: RowProps) {
  const { node, level, open } = row;
  const tabIndex = active ? 0 : -1;
  return (
    <tr
      className={css.row}
      tabIndex={tabIndex}
      data-department={node.id}
      aria-level={level}
      aria-posinset={row.place}
      aria-setsize={row.size}
      aria-expanded={node.children.length > 0 ? open : undefined}
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
function NameCell({ row, onToggle }: { row: Row; onToggle: () => void }) {
  const { node, level, open } = row;
  return (
    <td className={css.name} style={{ paddingInlineStart: indent(level) }}>
      {node.children.length > 0 ? (
        <ActionIcon
          variant="subtle"
          color="gray"
          size="sm"
          tabIndex={-1}
          className={css.toggle}
          data-open={open}
          aria-label={`${open ? "Collapse" : "Expand"} ${node.name}`}
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
