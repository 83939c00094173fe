import { expect, test } from "vitest";
import { levelOf } from "@/ui/level";
import { type Budget, nearLimits } from "./near";

const BUDGET: Budget = {
  id: "b",
  name: "Engineering",
  scope: "department",
  department_id: "d",
  department: "Engineering",
  user_id: null,
  user_email: null,
  unit: "tokens",
  limit: 100,
  limit_tokens: 100,
  limit_micros: null,
  sum_of_children: false,
  period: "monthly",
  hard_cap: true,
  rollover_cap_percent: null,
  thresholds: [70, 90],
  when_unsure: "allow",
  starts_at: "2026-11-01T00:00:00Z",
  resets_at: "2026-12-01T00:00:00Z",
  used: 0,
  held: 0,
  exempt_used: 0,
  rolled_over: 0,
  remaining: 100,
  used_percent: 0,
  created_at: "2026-11-01T00:00:00Z",
  archived_at: null,
};

const used = (name: string, amount: number, changes: Partial<Budget> = {}): Budget => ({
  ...BUDGET,
  name,
  used: amount,
  remaining: Math.max(0, 100 - amount),
  ...changes,
});

const namesOf = (budgets: Budget[], most = 5) => nearLimits(budgets, most).map(({ budget }) => budget.name);

test("the furthest first, and only those from their threshold on", () => {
  expect(namesOf([used("near", 70), used("within", 69), used("over", 130), used("full", 100)])).toEqual([
    "over",
    "full",
    "near",
  ]);
});

test("no more than asked for", () => {
  expect(namesOf([used("a", 80), used("b", 90), used("c", 95)], 2)).toEqual(["c", "b"]);
});

test("a limit of nothing is first once anything is used", () => {
  const none = { limit: 0, remaining: 0 };
  expect(namesOf([used("over", 300), used("none", 1, none)])).toEqual(["none", "over"]);
  expect(namesOf([used("unused", 0, none)])).toEqual([]);
});

test("what exemptions cover takes none of the limit, what was rolled over adds to it", () => {
  const budget = used("a", 90, { exempt_used: 40, rolled_over: 50, held: 30, remaining: 80 });
  expect(levelOf(budget)).toMatchObject({ limit: 150, used: 50, held: 20 });
});

test("a full budget shows all that is held", () => {
  expect(levelOf(used("a", 95, { held: 10, remaining: 0 }))).toMatchObject({ used: 95, held: 10 });
});
