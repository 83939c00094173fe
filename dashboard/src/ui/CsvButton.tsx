import { Button } from "@mantine/core";
import { IconDownload } from "@tabler/icons-react";
import { download, toCsv } from "@/lib/csv";
import type { Column } from "./DataTable";

type Props<Row> = { name: string; columns: Column<Row>[]; rows: readonly Row[] };

/** What is on screen as a CSV file. */
export function CsvButton<Row>({ name, columns, rows }: Props<Row>) {
  const written = columns.filter((column) => column.csv);
  const save = () =>
    download(
      `${name}.csv`,
      toCsv(
        written.map((column) => column.title),
        rows.map((row) => written.map((column) => column.csv?.(row))),
      ),
    );
  return (
    <Button
      size="compact-sm"
      variant="default"
      leftSection={<IconDownload size={14} />}
      onClick={save}
      disabled={rows.length === 0}
      aria-label={`Download ${name} as CSV`}
    >
      CSV
    </Button>
  );
}
