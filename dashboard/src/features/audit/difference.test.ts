import { expect, test } from "vitest";
import { difference, valueText } from "./difference";

const shown = (...of: Parameters<typeof difference>) =>
  difference(...of).map(({ field, before, after }) => [field, before, after]);

test("of a change only what differs is shown, in the order of its fields", () => {
  expect(
    shown(
      { status: "active", name: "Ada", hard_cap: false },
      { status: "suspended", name: "Ada", hard_cap: true },
    ),
  ).toEqual([
    ["hard cap", "no", "yes"],
    ["status", "active", "suspended"],
  ]);
});

test("what was made has no before, what was deleted no after, and empty fields are left out", () => {
  expect(shown(null, { name: "Ada", manager_id: null, org_id: "o" })).toEqual([["name", undefined, "Ada"]]);
  expect(shown({ name: "Ada", manager_id: null }, null)).toEqual([["name", "Ada", undefined]]);
});

test("a field that only one side knows counts as nothing on the other", () => {
  expect(shown({ notes: "" }, { notes: "", revoked_at: "x" })).toEqual([["revoked at", "nothing", "x"]]);
});

test("a secret that changed is shown though both sides hide it", () => {
  expect(shown({ argon2: "(hidden)" }, { argon2: "(hidden)" })).toEqual([["argon2", "(hidden)", "(hidden)"]]);
});

test("lists and objects are compared by what is in them", () => {
  expect(shown({ thresholds: [70, 90], to: { a: 1 } }, { thresholds: [70, 90], to: { a: 1 } })).toEqual([]);
  expect(shown({ scopes: ["usage:read"] }, { scopes: [] })).toEqual([["scopes", "usage:read", "none"]]);
});

test("ids are kept, so that a name can be found", () => {
  const id = "01a21417-d76b-730e-a9ad-e25bb6aa5bff";
  expect(difference({ manager_id: null }, { manager_id: id })[0]).toEqual({
    field: "manager",
    before: "nothing",
    after: id,
    ids: { before: undefined, after: id },
  });
});

test("nothing on both sides is no change at all", () => {
  expect(difference(null, null)).toEqual([]);
});

test("values are told apart", () => {
  expect([null, "", "null", 1200000, true, []].map(valueText)).toEqual([
    "nothing",
    "(empty)",
    "null",
    "1,200,000",
    "yes",
    "none",
  ]);
  expect(valueText("2026-11-30T23:00:00+00:00")).toMatch(/2026, \d\d:00:00$/);
});
