import { BarChart } from "@mantine/charts";
import { useList } from "@/api/pages";
import { amount, compact, money, percent, type Unit } from "@/lib/format";
import { ChartWithTable } from "@/ui/ChartWithTable";
import type { Column } from "@/ui/DataTable";
import { Amount } from "@/ui/Figure";
import { More } from "@/ui/More";
import { type Budget, type Period, periodsQuery, useTimeZone } from "./queries";
import { periodName, periodStart } from "./words";

/** A budget's periods: what was used of what could be. */
export function Periods({ budget }: { budget: Budget }) {
  const { items, more } = useList(periodsQuery(budget.id));
  const zone = useTimeZone();
  return (
    <div>
      <ChartWithTable
        title="Periods"
        about="What was used of what could be, exemptions aside. The last one goes on."
        name={`${budget.name} periods`}
        columns={columnsOf(budget.unit, zone)}
        rows={items}
        rowKey={(period) => period.starts_at}
        empty="No period has begun yet"
      >
        <Chart periods={items} unit={budget.unit} zone={zone} />
      </ChartWithTable>
      {more.hasMore && <More noun="periods" {...more} />}
    </div>
  );
}

const OVER = { name: "Over the limit", color: "red.7" };

type ChartProps = { periods: readonly Period[]; unit: Unit; zone: string };

function Chart({ periods, unit, zone }: ChartProps) {
  const data = periods.toReversed().map((period) => ({
    period: periodStart(period.starts_at, zone),
    Used: Math.min(counted(period), allowed(period)),
    "Over the limit": Math.max(0, counted(period) - allowed(period)),
    Room: Math.max(0, allowed(period) - counted(period)),
  }));
  return (
    <BarChart
      h={220}
      data={data}
      dataKey="period"
      type="stacked"
      withLegend
      series={[
        { name: "Used", color: "accent.6" },
        ...(data.some((period) => period["Over the limit"] > 0) ? [OVER] : []),
        { name: "Room", color: "gray.4" },
      ]}
      valueFormatter={(value) => amount(value, unit)}
      yAxisProps={{ width: 70, tickFormatter: unit === "tokens" ? compact : money }}
      maxBarWidth={48}
      barProps={{ isAnimationActive: false }}
    />
  );
}

function allowed(period: Period): number {
  return period.limit + period.rolled_over;
}

function counted(period: Period): number {
  return Math.max(0, period.used - period.exempt_used);
}

function columnsOf(unit: Unit, zone: string): Column<Period>[] {
  const figure = (title: string, of: (period: Period) => number): Column<Period> => ({
    title,
    figure: true,
    cell: (period) => <Amount value={of(period)} unit={unit} />,
    csv: of,
  });
  return [
    {
      title: "Period",
      cell: (period) => periodName(period, zone),
      csv: (period) => period.starts_at,
    },
    figure("Limit", (period) => period.limit),
    figure("Rolled over", (period) => period.rolled_over),
    figure("Used", (period) => period.used),
    figure("By exemptions", (period) => period.exempt_used),
    {
      title: "Of the limit",
      figure: true,
      cell: (period) => `${percent(counted(period), allowed(period))}%`,
      csv: (period) => percent(counted(period), allowed(period)),
    },
  ];
}
