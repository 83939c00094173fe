import { Paper, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { BudgetLine } from "../budgets/BudgetLine";
import { budgetQuery } from "../budgets/queries";

/** The budget that a request was blocked by; nothing when it cannot be seen. */
export function BlockingBudget({ budgetId }: { budgetId: string }) {
  const { data: budget } = useQuery({ ...budgetQuery(budgetId), retry: false });
  if (!budget) return null;
  return (
    <Paper withBorder p="md" component="section" aria-label="The budget this is about">
      <Text size="sm" c="dimmed" mb="xs">
        The budget this is about
      </Text>
      <BudgetLine budget={budget} />
    </Paper>
  );
}
