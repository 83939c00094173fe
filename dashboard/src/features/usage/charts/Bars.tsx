import { BarChart, type BarChartProps } from "@mantine/charts";
import { compact } from "@/lib/format";

/** Bars of tokens. Not reached by the keyboard: the table beside it says the same. */
export default function Bars(props: Omit<BarChartProps, "valueFormatter">) {
  return (
    <BarChart
      h={260}
      tickLine="none"
      gridAxis={props.orientation === "vertical" ? "y" : "x"}
      accessibilityLayer={false}
      maxBarWidth={40}
      valueFormatter={compact}
      style={{ overflow: "hidden" }}
      {...props}
    />
  );
}
