/** Budgets in words. Pure. */

import type { Schemas } from "@/api/client";
import { exactAmount } from "@/lib/format";
import type { Budget } from "./queries";

export const PERIODS: readonly Schemas["PeriodKind"][] = [
  "daily",
  "weekly",
  "monthly",
  "quarterly",
  "annual",
];

/** The present period, as in "the end of this month". */
export const THIS: Record<Schemas["PeriodKind"], string> = {
  daily: "today",
  weekly: "this week",
  monthly: "this month",
  quarterly: "this quarter",
  annual: "this year",
};

export function capOf(budget: Budget): string {
  return budget.hard_cap ? "hard cap" : "soft cap";
}

export function scopeOf(budget: Budget): string {
  if (budget.scope === "organization") return "whole organisation";
  return budget.scope === "user"
    ? (budget.user_email ?? "one person")
    : (budget.department ?? "a department");
}

export const UNSURE: Record<Budget["when_unsure"], string> = {
  allow: "people go on",
  warn: "people are warned",
  block: "people are stopped",
};

/** "70%, 90%, 100%": the limit itself is one. */
export function thresholdsOf({ thresholds }: Pick<Budget, "thresholds">): string {
  const all = [...new Set([...thresholds, 100])].toSorted((a, b) => a - b);
  return all.map((threshold) => `${threshold}%`).join(", ");
}

/** How a rollover came about: "10,000 tokens limit, 8,000 tokens used: 2,000 tokens unused; ...". */
export function workedOut(row: Schemas["RolloverAnswer"], unit: Budget["unit"]): string {
  const of = (value: number) => exactAmount(value, unit);
  const earlier = row.earlier > 0 ? ` and ${of(row.earlier)} carried in before` : "";
  const left =
    row.unused > 0 ? `${of(row.unused)} unused; ${row.cap_percent}% of that, rounded down` : "nothing unused";
  return `Limit ${of(row.limit)}${earlier}, ${of(row.used)} used: ${left}`;
}

/** A period by its days in the organisation's zone, in which it begins and ends. */
export function periodName(period: { starts_at: string; ends_at: string }, timeZone: string): string {
  const days = new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone,
  });
  // Periods are half-open: the end is the first instant that is not in it.
  return days.formatRange(Date.parse(period.starts_at), Date.parse(period.ends_at) - 1);
}

/** "1 Nov 26", where a period begins. */
export function periodStart(at: string, timeZone: string): string {
  const day = new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "2-digit", timeZone });
  return day.format(Date.parse(at));
}
