/** Bar charts, drawn with boxes: a chart library would be half of what the first page loads. */

import { Box, Group, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { compact } from "@/lib/format";
import { isWritten, ticks } from "@/lib/scale";
import classes from "./Bars.module.css";

const NAME_WIDTH = 64;

export type Series = { label: string; color: string };
export type Bar = { name: string; values: readonly number[] };

type Props = {
  bars: readonly Bar[];
  /** One for each of a bar's values. */
  series: readonly Series[];
  /** The values of a bar stand upon each other, not side by side. */
  stacked?: boolean;
  format?: (value: number) => string;
  height?: number;
};

/** Upright bars on a scale. */
export function Columns({ bars, series, stacked = false, format = compact, height = 240 }: Props) {
  const size = (bar: Bar) => (stacked ? sum(bar.values) : Math.max(...bar.values, 0));
  const { ref, width } = useElementSize();
  const room = Math.max(2, Math.floor(width / NAME_WIDTH));
  const lines = ticks(Math.max(...bars.map(size), 0));
  const top = lines.at(-1) ?? 1;
  return (
    <div>
      <Legend series={series} />
      <div className={classes.chart} style={{ height }}>
        <div className={classes.scale}>
          {lines.map((line) => (
            <Text
              key={line}
              size="xs"
              c="dimmed"
              className={classes.tick}
              style={{ bottom: share(line, top) }}
            >
              {format(line)}
            </Text>
          ))}
        </div>
        <div className={classes.plot} ref={ref}>
          {lines.map((line) => (
            <div key={line} className={classes.line} style={{ bottom: share(line, top) }} />
          ))}
          {bars.map((bar, index) => (
            <div key={bar.name} className={classes.column} title={said(bar, series, format)}>
              <div className={classes.values} data-stacked={stacked || undefined}>
                {bar.values.map((value, at) => (
                  <Box
                    key={series[at]?.label}
                    bg={series[at]?.color}
                    className={classes.value}
                    h={share(value, top)}
                  />
                ))}
              </div>
              <Text size="xs" c="dimmed" className={classes.name}>
                {isWritten(index, bars.length, room) && bar.name}
              </Text>
            </div>
          ))}
        </div>
      </div>
    </div>
  );
}

/** Lying bars with their names before and their figures behind them. */
export function Rows({ bars, series, format = compact }: Omit<Props, "stacked" | "height">) {
  const most = Math.max(...bars.map((bar) => sum(bar.values)), 1);
  return (
    <div className={classes.rows}>
      {bars.map((bar) => (
        <div key={bar.name} className={classes.row} title={said(bar, series, format)}>
          <Text size="sm" className={classes.label} dir="auto">
            {bar.name}
          </Text>
          <div className={classes.track}>
            {bar.values.map((value, at) => (
              <Box key={series[at]?.label} bg={series[at]?.color} h="100%" w={share(value, most)} />
            ))}
          </div>
          <Text size="sm" className="figure">
            {format(sum(bar.values))}
          </Text>
        </div>
      ))}
    </div>
  );
}

/** Only where there is something to tell apart. */
function Legend({ series }: { series: readonly Series[] }) {
  if (series.length < 2) return null;
  return (
    <Group gap="md" justify="flex-end" mb="xs">
      {series.map(({ label, color }) => (
        <Group key={label} gap={6}>
          <Box bg={color} w={10} h={10} style={{ borderRadius: 2 }} />
          <Text size="xs">{label}</Text>
        </Group>
      ))}
    </Group>
  );
}

function said(bar: Bar, series: readonly Series[], format: (value: number) => string): string {
  return [bar.name, ...series.map(({ label }, at) => `${label}: ${format(bar.values[at] ?? 0)}`)].join("\n");
}

function sum(values: readonly number[]): number {
  return values.reduce((all, value) => all + value, 0);
}

function share(value: number, most: number): string {
  return `${(Math.max(0, value) / most) * 100}%`;
}
