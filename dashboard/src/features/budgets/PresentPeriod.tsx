import { Alert, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { Amount, When } from "@/ui/Figure";
import { Gauge } from "@/ui/Gauge";
import { levelOf } from "@/ui/level";
import type { Budget } from "./queries";
import { thresholdsOf, UNSURE } from "./words";

/** How a budget stands in its present period, and what it says. */
export function PresentPeriod({ budget }: { budget: Budget }) {
  const { unit } = budget;
  const value = (amount: number) => <Amount value={amount} unit={unit} />;
  return (
    <Stack gap="sm">
      {budget.archived_at && (
        <Alert color="gray" title="This budget is archived">
          It neither counts nor blocks any more. Its history stays. Archived <When at={budget.archived_at} />.
        </Alert>
      )}
      <Paper withBorder p="md" component="section" aria-label="The present period">
        <Stack gap="md">
          <Gauge level={levelOf(budget)} name={budget.name} />
          <SimpleGrid cols={{ base: 2, sm: 4 }} spacing="md" verticalSpacing="sm" component="dl" m={0}>
            <Fact term="Room">{value(budget.remaining)}</Fact>
            <Fact term="Used" about="What usage says, exemptions included">
              {value(budget.used)}
            </Fact>
            <Fact term="Held" about="Set aside for requests that are not seen as usage yet">
              {value(budget.held)}
            </Fact>
            <Fact term="Resets">
              <When at={budget.resets_at} />
            </Fact>
            <Fact
              term="Limit"
              about={budget.sum_of_children ? "The sum of the budgets below" : "Without what was rolled over"}
            >
              {value(budget.limit)}
              {budget.sum_of_children && " (sum)"}
            </Fact>
            <Fact term="Rolled over" about="Carried in from the period before">
              {value(budget.rolled_over)}
            </Fact>
            <Fact term="Covered by exemptions" about="The part of what is used that takes none of the limit">
              {value(budget.exempt_used)}
            </Fact>
            <Fact term="Alerts at" about="The limit itself always raises one">
              {thresholdsOf(budget)}
            </Fact>
            {budget.hard_cap && <Fact term="When unsure">{UNSURE[budget.when_unsure]}</Fact>}
          </SimpleGrid>
        </Stack>
      </Paper>
    </Stack>
  );
}

function Fact({ term, about, children }: { term: string; about?: string; children: ReactNode }) {
  return (
    <div title={about}>
      <Text component="dt" size="xs" c="dimmed">
        {term}
      </Text>
      <Text component="dd" m={0} size="sm" fw={500}>
        {children}
      </Text>
    </div>
  );
}
