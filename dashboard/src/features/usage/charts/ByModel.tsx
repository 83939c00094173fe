import type { Schemas } from "@/api/client";
import { Bases } from "@/ui/Basis";
import { ChartWithTable } from "@/ui/ChartWithTable";
import type { Column } from "@/ui/DataTable";
import Bars from "./Bars";
import { BASIS, COUNTED } from "./columns";
import { cut, most } from "./most";

type Model = Schemas["ModelUsage"];

const SHOWN = 8;
const SERIES = [{ name: "total_tokens", label: "Tokens", color: "accent.6" }];

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
      <Bars
        data={bars}
        dataKey="name"
        series={SERIES}
        orientation="vertical"
        h={Math.max(120, bars.length * 34 + 40)}
        yAxisProps={{ width: 160, interval: 0, tickFormatter: cut }}
      />
    </ChartWithTable>
  );
}
