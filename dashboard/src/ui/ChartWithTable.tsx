import { Group, Paper, SegmentedControl } from "@mantine/core";
import { type ReactNode, useState } from "react";
import { CsvButton } from "./CsvButton";
import { type Column, DataTable } from "./DataTable";
import { Section } from "./Page";
import { Empty } from "./states";

type Props<Row> = {
  title: string;
  about?: ReactNode;
  /** The name of the CSV file, without its ending. */
  name: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  empty: string;
  children: ReactNode;
};

/** A chart, and the table behind it one click away. */
export function ChartWithTable<Row>({
  title,
  about,
  name,
  columns,
  rows,
  rowKey,
  empty,
  children,
}: Props<Row>) {
  const [shown, setShown] = useState("chart");
  const actions = (
    <Group gap="xs">
      <SegmentedControl
        size="xs"
        aria-label={`Show ${title} as`}
        value={shown}
        onChange={setShown}
        data={[
          { value: "chart", label: "Chart" },
          { value: "table", label: "Table" },
        ]}
      />
      <CsvButton name={name} columns={columns} rows={rows} />
    </Group>
  );
  return (
    <Section title={title} about={about} actions={actions}>
      <Paper withBorder p="md">
        {rows.length === 0 ? (
          <Empty title={empty} />
        ) : shown === "table" ? (
          <DataTable caption={title} columns={columns} rows={rows} rowKey={rowKey} />
        ) : (
          <div role="img" aria-label={`${title}. The same figures are in the table.`}>
            {children}
          </div>
        )}
      </Paper>
    </Section>
  );
}
