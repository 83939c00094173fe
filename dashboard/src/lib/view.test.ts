import { expect, test } from "vitest";
import { flag, isoDay, oneOf, text, viewOf, withoutDefaults } from "./view";

const read = viewOf({ days: oneOf([30, 7, 90]), user: text, since: isoDay, archived: flag });

test("a view survives its URL", () => {
  const view = { days: 90 as const, user: "u1", since: "2026-01-31", archived: true };
  expect(read(withoutDefaults(view, read))).toEqual(view);
});

test("what is shown anyway is left out of the URL", () => {
  expect(withoutDefaults({ days: 30, user: undefined, archived: false, since: "" }, read)).toEqual({});
});

test("whatever the URL says, there is a view", () => {
  expect(read({ days: "banana", user: 12, since: "31.1.2026", archived: [] })).toEqual({
    days: 30,
    user: "12",
    since: undefined,
    archived: false,
  });
});
