import type { Schemas } from "@/api/client";
import { Rows } from "@/ui/Bars";
import { Bases } from "@/ui/Basis";
import { ChartWithTable } from "@/ui/ChartWithTable";
import type { Column } from "@/ui/DataTable";
import { BASIS, COUNTED } from "./columns";
import { most } from "./most";

type Model = Schemas["ModelUsage"];

const SHOWN = 8;
const SERIES = [{ label: "Tokens", color: "accent.6" }];

const COLUMNS: Column<Model>[] = [
  { title: "Model", cell: (row) => row.model, csv: (row) => row.model },
  { title: "Provider", cell: (row) => row.provider_name, csv: (row) => row.provider_name },
  ...COUNTED,
  BASIS,
];

export function ByModel({ models, name }: { models: readonly Model[]; name: string }) {
  const bars = most(models, SHOWN);
  return (
    <ChartWithTable
      title="Tokens by model"
      about={<Bases of={models.map(({ basis }) => basis)} />}
      name={name}
      columns={COLUMNS}
      rows={models}
      rowKey={(row) => `${row.provider} ${row.model} ${row.basis}`}
      empty="No model was used in these days"
    >
      <Rows bars={bars.map((bar) => ({ name: bar.name, values: [bar.total_tokens] }))} series={SERIES} />
    </ChartWithTable>
  );
}
