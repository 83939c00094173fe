import { Anchor, Badge, Group, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { When } from "@/ui/Figure";
import { Gauge } from "@/ui/Gauge";
import { levelOf } from "@/ui/level";
import type { Budget } from "./queries";
import { capOf } from "./words";

type Props = { budget: Budget; label?: string; tabIndex?: number };

/** One budget in a line: what it is, how far it is used, when it resets. */
export function BudgetLine({ budget, label, tabIndex }: Props) {
  const name = label ?? budget.name;
  return (
    <div style={{ minWidth: 0 }}>
      <Group justify="space-between" gap="xs" mb={3}>
        <Group gap={6} style={{ minWidth: 0 }}>
          <Anchor
            component={Link}
            to={`/budget/${budget.id}`}
            size="sm"
            className="names"
            dir="auto"
            tabIndex={tabIndex}
            aria-label={`${budget.name}, ${budget.period} ${capOf(budget)}`}
          >
            {name}
          </Anchor>
          <Cap budget={budget} />
        </Group>
        <Text size="xs" c="dimmed">
          {budget.archived_at ? (
            <>
              archived <When at={budget.archived_at} />
            </>
          ) : (
            <>
              resets <When at={budget.resets_at} />
            </>
          )}
        </Text>
      </Group>
      <Gauge level={levelOf(budget)} name={`${budget.name}, ${budget.period}`} />
    </div>
  );
}

/** A hard cap blocks people, so it is marked; a soft cap is the quiet usual. */
export function Cap({ budget }: { budget: Budget }) {
  return (
    <Badge size="xs" variant={budget.hard_cap ? "outline" : "default"} color="gray" tt="none" fw={500}>
      {capOf(budget)}
      {budget.sum_of_children ? " · sum" : ""}
    </Badge>
  );
}
