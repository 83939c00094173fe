/** When to try again. Pure. */

const FIRST_MS = 5_000;
const LONGEST_MS = 300_000;

/** Milliseconds to wait after so many failures in a row: 5 s, doubled, at most 5 minutes, spread by a quarter. */
export function waitAfter(failures: number, { retryAfterSeconds = 0, random = 0.5 } = {}): number {
  const doubled = Math.min(FIRST_MS * 2 ** Math.min(Math.max(0, failures - 1), 10), LONGEST_MS);
  const spread = Math.round(doubled * (0.875 + random / 4));
  return Math.max(spread, Math.min(retryAfterSeconds * 1000, LONGEST_MS));
}
