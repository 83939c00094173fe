/** The scale of a bar chart. Pure. */

const STEPS = [1, 2, 2.5, 5, 10];
const TICKS = 4;

/** The round figures from 0 that a chart's lines stand at; the last one is at least `most`. */
export function ticks(most: number): number[] {
  if (most <= 0) return [0, 1];
  const rough = most / TICKS;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = (STEPS.find((one) => one * power >= rough) ?? 10) * power;
  const lines = Math.ceil(most / step);
  return Array.from({ length: lines + 1 }, (_, line) => line * step);
}

/** Which of so many names are written, so that they do not run into each other; the last one always is. */
export function isWritten(index: number, count: number, room: number): boolean {
  return (count - 1 - index) % Math.ceil(count / room) === 0;
}
