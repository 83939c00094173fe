import { expect, test } from "vitest";
import { atField, changeBody, newBody, startValues, typedThresholds, valuesOf, wrongIn } from "./form";
import type { Budget } from "./queries";

const FILLED = { ...startValues("Engineering"), limit: "20M" };

test("what is sent for a department", () => {
  expect(wrongIn(FILLED)).toEqual({});
  expect(newBody(FILLED)).toEqual({
    department: "Engineering",
    limit_tokens: 20_000_000,
    sum_of_children: false,
    sum_unit: "tokens",
    period: "monthly",
    hard_cap: false,
    rollover_cap_percent: null,
    thresholds: [70, 90],
    when_unsure: "allow",
  });
});

test("the whole organisation is named by naming nobody", () => {
  const body = newBody({ ...FILLED, scope: "organization", limit: "$500" });
  expect(body).not.toHaveProperty("department");
  expect(body).not.toHaveProperty("user_id");
  expect(body).toMatchObject({ limit_micros: 500_000_000 });
});

test("a sum has neither a limit nor a rollover of its own", () => {
  const body = newBody({ ...FILLED, limitKind: "sum", sumUnit: "micros", rollover: true });
  expect(body).toMatchObject({ sum_of_children: true, sum_unit: "micros", rollover_cap_percent: null });
  expect(body).not.toHaveProperty("limit_tokens");
});

test("what is wrong is said at its field", () => {
  expect(wrongIn({ ...FILLED, department: " " })).toHaveProperty("department");
  expect(wrongIn({ ...FILLED, scope: "user" })).toHaveProperty("user_id");
  expect(wrongIn({ ...FILLED, limit: "lots" })).toHaveProperty("limit");
  expect(wrongIn({ ...FILLED, rollover: true, rollover_cap_percent: "" })).toHaveProperty(
    "rollover_cap_percent",
  );
  expect(wrongIn({ ...FILLED, thresholds: "0" })).toHaveProperty("thresholds");
  expect(wrongIn({ ...FILLED, limitKind: "sum", limit: "" })).toEqual({});
});

test("a budget keeps its unit", () => {
  expect(wrongIn({ ...FILLED, limit: "5" }, "micros")).toEqual({});
  expect(wrongIn({ ...FILLED, limit: "5 tokens" }, "micros")).toHaveProperty("limit");
});

test.each([
  ["70, 90", [70, 90]],
  ["90% 70 70", [70, 90]],
  ["", []],
])("thresholds %j are %j", (text, read) => {
  expect(typedThresholds(text)).toEqual(read);
});

test.each(["1001", "-5", "70.5", "a", "1 2 3 4 5 6 7 8 9 10 11"])("%j are no thresholds", (text) => {
  expect(typedThresholds(text)).toHaveProperty("wrong");
});

test("a budget goes through its form unchanged", () => {
  const budget = {
    scope: "department",
    department: "Finance",
    name: "Finance",
    sum_of_children: false,
    limit: 445_358,
    unit: "tokens",
    period: "monthly",
    hard_cap: true,
    rollover_cap_percent: 25,
    thresholds: [50, 100],
    when_unsure: "block",
  } as Budget;
  expect(changeBody(valuesOf(budget), budget.unit)).toEqual({
    name: "Finance",
    limit_tokens: 445_358,
    sum_of_children: false,
    sum_unit: "tokens",
    hard_cap: true,
    rollover_cap_percent: 25,
    thresholds: [50, 100],
    when_unsure: "block",
  });
});

test("the server's refusals land where they belong", () => {
  expect(atField({ limit_tokens: "no" })).toEqual({ limit: "no" });
  expect(atField({ "thresholds[0]": "no" })).toEqual({ thresholds: "no" });
  expect(atField({ "": "There is one already." })).toEqual({ "": "There is one already." });
  expect(atField({ body: "no" })).toEqual({ "": "no" });
});
