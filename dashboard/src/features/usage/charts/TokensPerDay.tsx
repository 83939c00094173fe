import { Group, Skeleton } from "@mantine/core";
import { lazy, type ReactNode, Suspense } from "react";
import type { Schemas } from "@/api/client";
import { day } from "@/lib/format";
import { Bases, type BasisName } from "@/ui/Basis";
import { ChartWithTable } from "@/ui/ChartWithTable";
import type { Column } from "@/ui/DataTable";
import { Tokens } from "@/ui/Figure";

const Bars = lazy(() => import("./Bars"));

export type Day = Schemas["SeriesItem"];
type Props = { days: readonly Day[]; name: string; title?: string; about?: ReactNode };

const SERIES = [
  { name: "reconciled_tokens", label: "Reconciled", color: "accent.7" },
  { name: "estimated_tokens", label: "Estimated", color: "accent.3" },
];

const COLUMNS: Column<Day>[] = [
  { title: "Day", cell: (row) => day(row.period), csv: (row) => row.period },
  {
    title: "Input",
    figure: true,
    cell: (row) => <Tokens count={row.total_input_tokens} />,
    csv: (row) => row.total_input_tokens,
  },
  {
    title: "Output",
    figure: true,
    cell: (row) => <Tokens count={row.total_output_tokens} />,
    csv: (row) => row.total_output_tokens,
  },
  {
    title: "Tokens",
    figure: true,
    cell: (row) => <Tokens count={row.total_tokens} />,
    csv: (row) => row.total_tokens,
  },
  {
    title: "Estimated",
    figure: true,
    cell: (row) => <Tokens count={row.estimated_tokens} />,
    csv: (row) => row.estimated_tokens,
  },
  {
    title: "Reconciled",
    figure: true,
    cell: (row) => <Tokens count={row.reconciled_tokens} />,
    csv: (row) => row.reconciled_tokens,
  },
];

/** Which kinds of count there are among these days. */
export function basesOf(days: readonly Day[]): BasisName[] {
  const bases: BasisName[] = [];
  if (days.some((one) => one.estimated_tokens > 0)) bases.push("estimated");
  if (days.some((one) => one.reconciled_tokens > 0)) bases.push("reconciled");
  return bases;
}

/** Tokens over time, estimated lighter than reconciled. The chart itself comes when it is needed. */
export function TokensPerDay({ days, name, title = "Tokens per day", about }: Props) {
  const bases = basesOf(days);
  const shown = days.map((one) => ({ ...one, day: day(one.period) }));
  return (
    <ChartWithTable
      title={title}
      about={
        <Group component="span" gap="xs">
          <Bases of={bases} />
          {about}
        </Group>
      }
      name={name}
      columns={COLUMNS}
      rows={bases.length === 0 ? [] : days}
      rowKey={(row) => row.period}
      empty="Nothing was used in these days"
    >
      <Suspense fallback={<Skeleton h={260} />}>
        <Bars
          data={shown}
          dataKey="day"
          type="stacked"
          series={SERIES.filter(({ label }) => bases.some((basis) => basis === label.toLowerCase()))}
          withLegend={bases.length > 1}
        />
      </Suspense>
    </ChartWithTable>
  );
}
