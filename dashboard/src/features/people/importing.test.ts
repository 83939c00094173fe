import { expect, test } from "vitest";
import { changeSaid, summary } from "./importing";

test("what an import is about to do", () => {
  expect(summary({ created: 1200, updated: 3 })).toBe("1,200 new, 3 changed");
  expect(summary({ created: 0, updated: 1 })).toBe("1 changed");
  expect(summary({ created: 0, updated: 0 })).toBe("nothing to do");
});

test("a change says before and after, someone new only what they get", () => {
  const row = { row: 2, email: "ada@example.com" };
  expect(
    changeSaid({
      ...row,
      action: "update",
      before: { role: "member", manager_email: "grace@example.com" },
      after: { role: "manager", manager_email: null },
    }),
  ).toEqual(["role: member → manager", "manager: grace@example.com → none"]);
  expect(
    changeSaid({ ...row, action: "create", before: null, after: { name: "Ada", manager_email: null } }),
  ).toEqual(["name: Ada"]);
});
