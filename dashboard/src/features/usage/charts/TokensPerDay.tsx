import { Group } from "@mantine/core";
import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { day } from "@/lib/format";
import { Columns } from "@/ui/Bars";
import { Bases, type BasisName } from "@/ui/Basis";
import { ChartWithTable } from "@/ui/ChartWithTable";
import type { Column } from "@/ui/DataTable";
import { Tokens } from "@/ui/Figure";

export type Day = Schemas["SeriesItem"];
type Props = { days: readonly Day[]; name: string; title?: string; about?: ReactNode };

const SERIES: { basis: BasisName; label: string; color: string; of: (one: Day) => number }[] = [
  { basis: "reconciled", label: "Reconciled", color: "accent.7", of: (one: Day) => one.reconciled_tokens },
  { basis: "estimated", label: "Estimated", color: "accent.3", of: (one: Day) => one.estimated_tokens },
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

/** Tokens over time, estimated lighter than reconciled. */
export function TokensPerDay({ days, name, title = "Tokens per day", about }: Props) {
  const bases = basesOf(days);
  const series = SERIES.filter(({ basis }) => bases.includes(basis));
  const bars = days.map((one) => ({ name: day(one.period), values: series.map(({ of }) => of(one)) }));
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
      <Columns bars={bars} series={series} stacked />
    </ChartWithTable>
  );
}
