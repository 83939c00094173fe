import type { Schemas } from "@/api/client";
import { Columns } from "@/ui/Bars";
import { Bases } from "@/ui/Basis";
import { ChartWithTable } from "@/ui/ChartWithTable";
import type { Column } from "@/ui/DataTable";
import { BASIS, COUNTED } from "./columns";

type Provider = Schemas["ProviderUsage"];

const SERIES = [
  { label: "Input", color: "accent.6" },
  { label: "Output", color: "gray.5" },
];

const COLUMNS: Column<Provider>[] = [
  { title: "Provider", cell: (row) => row.provider_name, csv: (row) => row.provider_name },
  ...COUNTED,
  BASIS,
];

export function ByProvider({ providers, name }: { providers: readonly Provider[]; name: string }) {
  return (
    <ChartWithTable
      title="Tokens by provider"
      about={<Bases of={providers.map(({ basis }) => basis)} />}
      name={name}
      columns={COLUMNS}
      rows={providers}
      rowKey={(row) => `${row.provider} ${row.basis}`}
      empty="No provider was used in these days"
    >
      <Columns
        bars={providers.map((one) => ({
          name: one.provider_name,
          values: [one.input_tokens, one.output_tokens],
        }))}
        series={SERIES}
      />
    </ChartWithTable>
  );
}
