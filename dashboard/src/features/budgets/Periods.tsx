import { useList } from "@/api/pages";
import { compact, money, percent, type Unit } from "@/lib/format";
import { Columns, type Series } from "@/ui/Bars";
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

const SERIES: Series[] = [
  { label: "Used", color: "accent.6" },
  { label: "Room", color: "gray.4" },
];
const OVER: Series = { label: "Over the limit", color: "red.7" };

type ChartProps = { periods: readonly Period[]; unit: Unit; zone: string };

function Chart({ periods, unit, zone }: ChartProps) {
  const over = periods.some((period) => counted(period) > allowed(period));
  const bars = periods.toReversed().map((period) => ({
    name: periodStart(period.starts_at, zone),
    values: partsOf(period).slice(0, over ? 3 : 2),
  }));
  const format = (value: number) => (unit === "tokens" ? compact(value) : money(value));
  return (
    <Columns bars={bars} series={over ? [...SERIES, OVER] : SERIES} stacked format={format} height={200} />
  );
}

/** Used within the limit, what is left of it, and what was used above it. */
function partsOf(period: Period): number[] {
  const [used, limit] = [counted(period), allowed(period)];
  return [Math.min(used, limit), Math.max(0, limit - used), Math.max(0, used - limit)];
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
