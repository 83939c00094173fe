import { expect, test } from "vitest";
import { bodyOf, forSomeoneElse, readLink, startOf, wrongIn } from "./asking";

const LINK = { user_id: "ada", budget_id: "b1", tokens: 3200, period: "quarterly" };

test("a refused preflight's link fills the form", () => {
  expect(startOf(LINK, "ada", false)).toEqual({
    user_id: "ada",
    reason: "",
    tokens: "3.2k",
    period: "quarterly",
  });
  expect(readLink(LINK).budget_id).toBe("b1");
});

test("whatever the address says, there is a form", () => {
  const start = { user_id: "ada", reason: "", tokens: "", period: "monthly" };
  expect(startOf({}, "ada", false)).toEqual(start);
  expect(startOf({ tokens: "lots", period: "hourly", user_id: ["x"] }, "ada", true)).toEqual(start);
  expect(startOf({ tokens: "$5" }, "ada", true)).toEqual(start);
});

test("a member asks for themselves, whoever the link was for", () => {
  expect(startOf(LINK, "bob", false).user_id).toBe("bob");
  expect(startOf(LINK, "bob", true).user_id).toBe("ada");
  expect(forSomeoneElse(LINK, "bob", false)).toBe(true);
  expect(forSomeoneElse(LINK, "bob", true)).toBe(false);
  expect(forSomeoneElse(LINK, "ada", false)).toBe(false);
});

const ASKING = { user_id: "ada", reason: " A release ", tokens: "500k", period: "monthly" } as const;

test("what is sent", () => {
  expect(wrongIn(ASKING)).toEqual({});
  expect(bodyOf(ASKING)).toEqual({ user_id: "ada", reason: "A release", tokens: 500_000, period: "monthly" });
});

test.each([
  ["tokens", { tokens: "many" }],
  ["tokens", { tokens: "0" }],
  ["tokens", { tokens: "$5" }],
  ["reason", { reason: " " }],
  ["user_id", { user_id: null }],
])("%s is wrong in %j", (field, changes) => {
  expect(Object.keys(wrongIn({ ...ASKING, ...changes }))).toEqual([field]);
});
