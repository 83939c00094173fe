import { Badge, Text } from "@mantine/core";
import { useList } from "@/api/pages";
import { type Column, DataTable } from "@/ui/DataTable";
import { Amount, When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Section } from "@/ui/Page";
import { Empty } from "@/ui/states";
import { type Budget, type Rollover, rolloversQuery, useTimeZone } from "./queries";
import { periodName, workedOut } from "./words";

/** What was carried into each period, and from which figures. */
export function Rollovers({ budget }: { budget: Budget }) {
  const { items, more } = useList(rolloversQuery(budget.id));
  const zone = useTimeZone();
  const cap = budget.rollover_cap_percent;
  if (items.length === 0 && cap === null && !budget.sum_of_children) return null;
  return (
    <Section title="Rollover history" about={aboutOf(budget)}>
      {items.length === 0 ? (
        <Empty title="Nothing has been carried yet">
          A budget carries nothing into the period it was made in.
        </Empty>
      ) : (
        <DataTable
          caption="Rollover history"
          columns={columnsOf(budget, zone)}
          rows={items}
          rowKey={(row) => row.starts_at}
        />
      )}
      {more.hasMore && <More noun="periods" {...more} />}
    </Section>
  );
}

function aboutOf(budget: Budget): string {
  if (budget.sum_of_children)
    return "It carries nothing of its own; what those below it carry is part of its limit.";
  if (budget.rollover_cap_percent === null) return "Nothing is carried into the next period any more.";
  return `${budget.rollover_cap_percent}% of what is unused goes into the next period.`;
}

function columnsOf({ unit }: Budget, zone: string): Column<Rollover>[] {
  return [
    { title: "Into the period", cell: (row) => periodName(row, zone) },
    { title: "Carried", figure: true, cell: (row) => <Amount value={row.rolled_over} unit={unit} /> },
    {
      title: "How it was worked out",
      cell: (row) => <Text size="sm">{workedOut(row, unit)}</Text>,
    },
    {
      title: "Fixed",
      cell: (row) =>
        row.fixed ? (
          <When at={row.fixed_at} />
        ) : (
          <Badge
            variant="dot"
            color="yellow"
            tt="none"
            fw={500}
            title="Late usage can still change it until then"
          >
            not before <When at={row.fixed_at} />
          </Badge>
        ),
    },
  ];
}
