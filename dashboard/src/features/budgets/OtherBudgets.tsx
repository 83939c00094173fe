import { Paper, Stack } from "@mantine/core";
import { Section } from "@/ui/Page";
import { Empty } from "@/ui/states";
import { BudgetLine } from "./BudgetLine";
import type { Budget } from "./queries";

type Props = { title: string; about?: string; budgets: readonly Budget[]; empty?: string };

/** Budgets in a list of their own; nothing at all without any, unless `empty` says so. */
export function OtherBudgets({ title, about, budgets, empty }: Props) {
  if (budgets.length === 0 && !empty) return null;
  return (
    <Section title={title} about={about}>
      <Paper withBorder p="md">
        {budgets.length === 0 && <Empty title={empty ?? ""} />}
        <Stack gap="md">
          {budgets.map((budget) => (
            <BudgetLine key={budget.id} budget={budget} label={`${budget.name} · ${budget.period}`} />
          ))}
        </Stack>
      </Paper>
    </Section>
  );
}
