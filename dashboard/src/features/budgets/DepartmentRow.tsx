import { ActionIcon, Stack, Text } from "@mantine/core";
import { IconChevronRight, IconPlus } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import type { Node } from "@/lib/departments";
import { exact } from "@/lib/format";
import type { Row } from "@/lib/tree";
import { BudgetLine } from "./BudgetLine";
import css from "./budgets.module.css";
import type { Budget } from "./queries";

type Props = {
  row: Row<Node>;
  budgets: Budget[];
  active: boolean;
  onToggle: () => void;
  onActive: () => void;
  onKeyDown: (event: KeyboardEvent) => void;
  onAdd?: () => void;
};

/** One department with its budgets. Only the row with the focus has stops for Tab in it. */
export function DepartmentRow({ row, budgets, active, onToggle, onActive, onKeyDown, onAdd }: Props) {
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
