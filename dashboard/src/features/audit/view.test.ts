import { expect, test } from "vitest";
import { auditView, entryKey, filtersOf, keyedEntry } from "./view";

const AT = "2026-11-21T09:12:44.102938Z";

test("an entry is found again by what its address says", () => {
  const found = keyedEntry(entryKey({ seq: 128, at: AT }));
  expect(found).toEqual({ seq: 128, since: AT, until: "2026-11-21T09:12:44.103Z" });
});

test("what names no entry is none", () => {
  for (const key of ["", "128", "x@y", "128@yesterday", `-1@${AT}`, "1@2026-99-99T99:99Z"])
    expect(keyedEntry(key)).toBeNull();
});

test("both days are meant whole", () => {
  const { since, until } = filtersOf(auditView({ since: "2026-11-21", until: "2026-11-21" }));
  expect(Date.parse(until ?? "") - Date.parse(since ?? "")).toBe(24 * 3600 * 1000);
});

test("a person who is no id is left out, rather than refused by the server", () => {
  expect(filtersOf(auditView({ who: "ada", action: "user.suspended" }))).toEqual({
    action: "user.suspended",
    actor_user_id: undefined,
    target_kind: undefined,
    target_id: undefined,
    since: undefined,
    until: undefined,
  });
});
