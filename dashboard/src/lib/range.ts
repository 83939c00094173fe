/** Which days usage is asked for. Days are the organisation's. Pure. */

import dayjs from "dayjs";

export const DAYS = [30, 7, 90] as const;
export type Days = (typeof DAYS)[number];
export type Range = { days: Days; start: string | undefined; end: string | undefined };

/** As the API takes it: the last so many days, or from one day to another. */
export function rangeQuery({ days, start, end }: Range) {
  return start && end ? { start_date: start, end_date: end } : { days };
}

/** "1 Nov to 25 Nov 2026"; the first year only where it is another one. */
export function rangeWords(first: string, last: string): string {
  const [from, to] = [dayjs(first), dayjs(last)];
  if (first === last) return to.format("D MMM YYYY");
  return `${from.format(from.year() === to.year() ? "D MMM" : "D MMM YYYY")} to ${to.format("D MMM YYYY")}`;
}
