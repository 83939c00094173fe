import { Paper, SimpleGrid, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useSession } from "@/api/session";
import type { Node } from "@/lib/departments";
import { amount, exact, percent } from "@/lib/format";
import { Amount, Tokens, When } from "@/ui/Figure";
import { ownBudget, topDepartment, totalOf } from "./figures";
import { type Budget, useUsedThisMonth } from "./queries";

type Props = { root: Node; budgets: readonly Budget[] };

/** The four figures at the top. Who sees a part of the organisation is told that it is a part. */
export function Cards({ root, budgets }: Props) {
  const total = totalOf(root, budgets);
  const whole = root.parent_id === null;
  return (
    <SimpleGrid cols={{ base: 2, lg: 4 }} spacing="sm">
      <TotalCard root={root} total={total} whole={whole} />
      <UsedCard total={total} whole={whole} />
      <TopCard top={topDepartment(root, budgets)} />
      <OwnCard budgets={budgets} />
    </SimpleGrid>
  );
}

type TotalProps = { root: Node; total: ReturnType<typeof totalOf>; whole: boolean };

function TotalCard({ root, total, whole }: TotalProps) {
  const from =
    total?.of === "organisation"
      ? `tokens this month: the budget of ${whole ? "the organisation" : root.name}`
      : `tokens this month: ${exact(total?.count ?? 0)} departments together`;
  return (
    <Card title={whole ? "Organisation total" : "Total of your department"}>
      {total ? (
        <Figure value={<Tokens count={total.tokens} />} about={from} />
      ) : (
        <None>No monthly token budget</None>
      )}
    </Card>
  );
}

/** The budget at the top knows it, and moves; without one usage does, within the caller's reach. */
function UsedCard({ total, whole }: { total: ReturnType<typeof totalOf>; whole: boolean }) {
  const { role } = useSession();
  const known = total?.of === "organisation";
  const { data: counted } = useUsedThisMonth(!known);
  const used = known ? total.used : (counted ?? total?.used);
  const own = role === "member" && !known;
  const title = whole ? "Used" : "Used by your department";
  const part = total && used !== undefined ? `: ${percent(used, total.tokens)}% of the total` : "";
  return (
    <Card title={own ? "Used by you" : title}>
      {used === undefined ? (
        <None>Not known</None>
      ) : (
        <Figure value={<Tokens count={used} />} about={`tokens this month${part}`} />
      )}
    </Card>
  );
}

function TopCard({ top }: { top: Budget | null }) {
  return (
    <Card title="Top department">
      {top ? (
        <Figure
          value={<span title={top.department ?? undefined}>{top.department}</span>}
          about={`${amount(top.used, "tokens")} this month`}
        />
      ) : (
        <None>No department with a monthly token budget has used any</None>
      )}
    </Card>
  );
}

function OwnCard({ budgets }: { budgets: readonly Budget[] }) {
  const own = ownBudget(useSession().user_id, budgets);
  return (
    <Card title="Your budget">
      {own ? (
        <Figure
          value={<Amount value={own.remaining} unit={own.unit} />}
          about={
            <>
              left of {amount(own.limit + own.rolled_over, own.unit)}, resets <When at={own.resets_at} />
            </>
          }
        />
      ) : (
        <None>None of your own. Those of your departments count for you.</None>
      )}
    </Card>
  );
}

function Card({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Paper withBorder p="md" component="section" aria-label={title}>
      <Text size="sm" c="dimmed">
        {title}
      </Text>
      {children}
    </Paper>
  );
}

function Figure({ value, about }: { value: ReactNode; about: ReactNode }) {
  return (
    <>
      <Text size="xl" fw={620} className="names" dir="auto" lineClamp={2}>
        {value}
      </Text>
      <Text size="xs" c="dimmed">
        {about}
      </Text>
    </>
  );
}

function None({ children }: { children: ReactNode }) {
  return (
    <Text size="sm" pt={6}>
      {children}
    </Text>
  );
}
