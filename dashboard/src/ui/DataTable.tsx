import { Table } from "@mantine/core";
import type { ReactNode } from "react";

export type Column<Row> = {
  title: string;
  cell: (row: Row) => ReactNode;
  /** Figures stand to the right. */
  figure?: boolean;
  /** As plain text in a CSV file; without it the column is left out there. */
  csv?: (row: Row) => string | number | null | undefined;
};

type Props<Row> = {
  caption: string;
  columns: Column<Row>[];
  rows: readonly Row[];
  rowKey: (row: Row) => string;
  minWidth?: number;
};

/** A dense table that scrolls sideways on a narrow screen. `caption` names it for screen readers. */
export function DataTable<Row>({ caption, columns, rows, rowKey, minWidth = 560 }: Props<Row>) {
  return (
    <Table.ScrollContainer
      minWidth={minWidth}
      scrollAreaProps={{ viewportProps: { tabIndex: 0, "aria-label": caption, role: "region" } }}
    >
      <Table verticalSpacing={6} highlightOnHover aria-label={caption}>
        <Table.Thead>
          <Table.Tr>
            {columns.map((column) => (
              <Table.Th key={column.title} scope="col" className={column.figure ? "figure" : undefined}>
                {column.title}
              </Table.Th>
            ))}
          </Table.Tr>
        </Table.Thead>
        <Table.Tbody>
          {rows.map((row) => (
            <Table.Tr key={rowKey(row)}>
              {columns.map((column) => (
                <Table.Td key={column.title} className={column.figure ? "figure" : "names"}>
                  {column.cell(row)}
                </Table.Td>
              ))}
            </Table.Tr>
          ))}
        </Table.Tbody>
      </Table>
    </Table.ScrollContainer>
  );
}
