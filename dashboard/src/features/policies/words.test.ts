import { expect, test } from "vitest";
import {
  draftOf,
  isWhole,
  leavesOf,
  matchesOf,
  NEW,
  newLeaf,
  triggerSays,
  withOperator,
  withValues,
} from "./words";

test("a risk event has a level and no tokens, a request the other way round", () => {
  expect(matchesOf("ip_risk_event")).not.toContain("token_count");
  expect(matchesOf("ip_risk_event")).toContain("risk_level");
  expect(matchesOf("unusual_usage")).not.toContain("risk_level");
});

test("a value has the shape its operator takes", () => {
  const model = withValues(newLeaf("model"), ["gpt-4o", "o3"]);
  expect(model.value).toEqual(["gpt-4o", "o3"]);
  expect(withOperator(model, "equals").value).toBe("o3");
  expect(withOperator(withOperator(model, "equals"), "not_in").value).toEqual(["o3"]);
  const tokens = newLeaf("token_count");
  expect(withOperator(tokens, "between").value).toEqual([10_000, 10_001]);
  expect(withOperator(withOperator(tokens, "between"), "less").value).toBe(10_000);
});

test("what lacks a value is not whole", () => {
  expect(isWhole(NEW)).toBe(true);
  expect(isWhole({ ...NEW, actions: [] })).toBe(false);
  const nested = { match: "any" as const, conditions: [newLeaf("user_id"), newLeaf("time_of_day")] };
  expect(isWhole({ ...NEW, conditions: { match: "all", conditions: [nested] } })).toBe(false);
  expect(leavesOf(nested).map((leaf) => leaf.match)).toEqual(["user_id", "time_of_day"]);
});

test("a single condition is edited as a group of one", () => {
  const policy = { ...NEW, conditions: newLeaf("token_count") };
  expect(draftOf(policy as never).conditions).toEqual({
    match: "all",
    conditions: [newLeaf("token_count")],
  });
});

test("triggers are said in words", () => {
  expect(triggerSays({ type: "token_budget_exceeded", percent: 80 })).toBe("A budget is used to 80%");
  expect(triggerSays({ type: "department_threshold", limit_tokens: 1_000_000, period: "daily" })).toBe(
    "A department uses 1,000,000 tokens (daily)",
  );
});
