import { Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useSuspenseQueries } from "@tanstack/react-query";
import { departmentTreeQuery } from "@/api/departments";
import { budgetsQuery } from "@/features/budgets/queries";
import type { Budget } from "@/features/overview/near";
import { userQuery } from "@/features/usage/queries";
import { amount } from "@/lib/format";
import { When } from "@/ui/Figure";
import { Gauge } from "@/ui/Gauge";
import { levelOf } from "@/ui/level";
import { Section } from "@/ui/Page";
import { Empty } from "@/ui/states";
import { mine } from "./mine";

const ABOUT =
  "What you can still use, and when it is full again. A hard cap blocks at its limit, a soft cap only warns.";

/** How much room there is in the budgets that stand above someone. */
export function OwnBudgets({ userId }: { userId: string }) {
  const [all, tree, me] = useSuspenseQueries({
    queries: [budgetsQuery(false), departmentTreeQuery, userQuery(userId)],
  });
  const own = mine(all.data.items, tree.data, { id: userId, departmentId: me.data.department_id });
  return (
    <Section title="Your budgets" about={ABOUT}>
      <Paper withBorder p="md">
        {own.length === 0 ? (
          <Empty title="No budget stands above you">Nothing limits or warns you.</Empty>
        ) : (
          <Stack gap="md" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
            {own.map((budget) => (
              <Own key={budget.id} budget={budget} />
            ))}
          </Stack>
        )}
      </Paper>
    </Section>
  );
}

const WHOSE: Record<Budget["scope"], string> = {
  user: "yours alone",
  department: "shared by the department",
  organization: "shared by the organisation",
};

function Own({ budget }: { budget: Budget }) {
  return (
    <SimpleGrid component="li" cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing={4}>
      <div style={{ minWidth: 0 }}>
        <Text size="sm" fw={500} dir="auto" className="clip" title={budget.name}>
          {budget.name}
        </Text>
        <Text size="xs" c="dimmed">
          {WHOSE[budget.scope]}, {budget.period}, {budget.hard_cap ? "hard cap" : "soft cap"}
        </Text>
      </div>
      <div>
        <Gauge level={levelOf(budget)} name={budget.name} />
        <Text size="xs">
          {amount(budget.remaining, budget.unit)} left, resets <When at={budget.resets_at} />
        </Text>
      </div>
    </SimpleGrid>
  );
}
