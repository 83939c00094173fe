/** Figures and times as people read them. Pure. */

import dayjs from "dayjs";
import relativeTime from "dayjs/plugin/relativeTime";

dayjs.extend(relativeTime);

/** What just happened on a server may lie ahead of the viewer's clock. */
const SAME_MOMENT_MS = 45_000;
const EXACT = new Intl.NumberFormat("en-US");
const DOLLARS = new Intl.NumberFormat("en-US", { style: "currency", currency: "USD" });
const SMALL_DOLLARS = new Intl.NumberFormat("en-US", {
  style: "currency",
  currency: "USD",
  maximumFractionDigits: 6,
});
const STEPS = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;
const MICROS = 1_000_000;

export type Unit = "tokens" | "micros";

/** 1240000 -> "1,240,000". */
export function exact(count: number): string {
  return EXACT.format(count);
}

/** 1240000 -> "1.24 M": three digits that count, and no more than is known. */
export function compact(count: number): string {
  const size = Math.abs(count);
  // From 999.5 on a figure rounds into the next step.
  const step = STEPS.find(([from]) => size >= from * 0.9995 && size >= 1000);
  if (!step) return exact(count);
  const [from, name] = step;
  return `${Number((count / from).toPrecision(3))} ${name}`;
}

/** Micro-USD as dollars: cents, and below a cent as much as there is. */
export function money(micros: number): string {
  const dollars = micros / MICROS;
  return Math.abs(dollars) > 0 && Math.abs(dollars) < 0.01
    ? SMALL_DOLLARS.format(dollars)
    : DOLLARS.format(dollars);
}

/** A budget's amount in its unit, short. */
export function amount(value: number, unit: Unit): string {
  return unit === "tokens" ? `${compact(value)} tokens` : money(value);
}

/** A budget's amount in its unit, to the last digit. */
export function exactAmount(value: number, unit: Unit): string {
  return unit === "tokens" ? `${exact(value)} tokens` : SMALL_DOLLARS.format(value / MICROS);
}

/** Rounded down, so that 100% is only said when it is so. */
export function percent(part: number, whole: number): number {
  if (whole <= 0) return part > 0 ? 100 : 0;
  return Math.floor((part / whole) * 100);
}

/** "3 hours ago", "in 12 days". */
export function relative(at: string, now: dayjs.Dayjs = dayjs()): string {
  const ahead = dayjs(at).diff(now);
  return ahead >= 0 && ahead < SAME_MOMENT_MS ? "just now" : dayjs(at).from(now);
}

/** The exact instant in the viewer's zone. */
export function instant(at: string): string {
  return dayjs(at).format("D MMM YYYY, HH:mm:ss");
}

/** A day, as a chart's axis has it. */
export function day(at: string): string {
  return dayjs(at).format("D MMM");
}
