import { Anchor, Paper, SimpleGrid, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { budgetsQuery } from "@/features/budgets/queries";
import { When } from "@/ui/Figure";
import { Gauge, type Level } from "@/ui/Gauge";
import { Section } from "@/ui/Page";
import { Empty } from "@/ui/states";
import { type Budget, nearLimits } from "./near";

const MOST = 5;

/** The budgets that may soon warn or block someone. */
export function NearLimits() {
  const { items: budgets, total } = useSuspenseQuery(budgetsQuery(false)).data;
  const near = nearLimits(budgets, MOST);
  const about =
    budgets.length >= total
      ? undefined
      : `Of the first ${budgets.length} budgets; the others are under Budget.`;
  return (
    <Section
      title="Budgets near their limit"
      about={about}
      actions={
        <Anchor component={Link} to="/budget" size="sm">
          All budgets
        </Anchor>
      }
    >
      <Paper withBorder p="md">
        {near.length === 0 ? <NoneNear any={budgets.length > 0} /> : <Near near={near} />}
      </Paper>
    </Section>
  );
}

function NoneNear({ any }: { any: boolean }) {
  return any ? (
    <Empty title="No budget is near its limit">All of them have room. Those that come near show here.</Empty>
  ) : (
    <Empty title="There are no budgets yet">
      Once there are, those that come near their limit show here.
    </Empty>
  );
}

function Near({ near }: { near: { budget: Budget; level: Level }[] }) {
  return (
    <Stack gap="md" component="ul" m={0} p={0} style={{ listStyle: "none" }}>
      {near.map(({ budget, level }) => (
        <SimpleGrid key={budget.id} component="li" cols={{ base: 1, xs: 2 }} spacing="md" verticalSpacing={4}>
          <div style={{ minWidth: 0 }}>
            <Anchor
              component={Link}
              to={`/budget/${budget.id}`}
              dir="auto"
              className="clip"
              display="block"
              title={budget.name}
            >
              {budget.name}
            </Anchor>
            <Text size="xs" c="dimmed">
              {budget.period}, {budget.hard_cap ? "hard cap" : "soft cap"}, resets{" "}
              <When at={budget.resets_at} />
            </Text>
          </div>
          <Gauge level={level} name={budget.name} />
        </SimpleGrid>
      ))}
    </Stack>
  );
}
