import type { Schemas } from "@/api/client";
import { exact, money } from "@/lib/format";
import { BasisMark } from "@/ui/Basis";
import type { Column } from "@/ui/DataTable";
import { Tokens } from "@/ui/Figure";

type Counted = Pick<
  Schemas["ProviderUsage"],
  "input_tokens" | "output_tokens" | "total_tokens" | "total_requests" | "cost_micros"
>;

/** What is counted of anything: input, output, tokens, requests, cost. */
export const COUNTED: Column<Counted>[] = [
  {
    title: "Input",
    figure: true,
    cell: (row) => <Tokens count={row.input_tokens} />,
    csv: (row) => row.input_tokens,
  },
  {
    title: "Output",
    figure: true,
    cell: (row) => <Tokens count={row.output_tokens} />,
    csv: (row) => row.output_tokens,
  },
  {
    title: "Tokens",
    figure: true,
    cell: (row) => <Tokens count={row.total_tokens} />,
    csv: (row) => row.total_tokens,
  },
  {
    title: "Requests",
    figure: true,
    cell: (row) => exact(row.total_requests),
    csv: (row) => row.total_requests,
  },
  {
    title: "Cost at list prices",
    figure: true,
    cell: (row) => money(row.cost_micros),
    csv: (row) => row.cost_micros / 1_000_000,
  },
];

/** Whether a row is estimated or reconciled. */
export const BASIS: Column<Pick<Schemas["ProviderUsage"], "basis">> = {
  title: "Count",
  cell: (row) => <BasisMark basis={row.basis} />,
  csv: (row) => row.basis,
};
