/** Figures and times as people read them: as in the dashboard. Pure. */

const EXACT = new Intl.NumberFormat("en-US");
const RELATIVE = new Intl.RelativeTimeFormat("en", { numeric: "auto" });
const STEPS = [
  [1e12, "T"],
  [1e9, "B"],
  [1e6, "M"],
  [1e3, "k"],
] as const;
const SPANS = [
  [86_400_000, "day"],
  [3_600_000, "hour"],
  [60_000, "minute"],
] as const;

/** 1240000 -> "1,240,000". */
export function exact(count: number): string {
  return EXACT.format(count);
}

/** 1240000 -> "1.24 M". */
export function compact(count: number): string {
  const step = STEPS.find(([from]) => Math.abs(count) >= from * 0.9995 && Math.abs(count) >= 1000);
  return step ? `${Number((count / step[0]).toPrecision(3))} ${step[1]}` : exact(count);
}

/** "in 4 days", "in 2 hours", "now". */
export function relative(at: number, now: number): string {
  const span = SPANS.find(([length]) => Math.abs(at - now) >= length);
  return span ? RELATIVE.format(Math.trunc((at - now) / span[0]), span[1]) : "now";
}

/** The exact instant in the reader's zone. */
export function instant(at: number): string {
  return new Date(at).toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
}
