/** Budgets in words. Pure. */

import type { Schemas } from "@/api/client";
import type { Level } from "@/ui/Gauge";
import type { Budget } from "./queries";

export const PERIODS: readonly Schemas["PeriodKind"][] = [
  "daily",
  "weekly",
  "monthly",
  "quarterly",
  "annual",
];

/** "until the end of this month". */
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

/** What a gauge shows: exemptions take none of the limit, and what was rolled over is part of it. */
export function levelOf(
  budget: Pick<Budget, "limit" | "rolled_over" | "used" | "exempt_used" | "held" | "unit" | "thresholds">,
): Level {
  return {
    limit: budget.limit + budget.rolled_over,
    used: Math.max(0, budget.used - budget.exempt_used),
    held: budget.held,
    unit: budget.unit,
    thresholds: budget.thresholds,
  };
}
