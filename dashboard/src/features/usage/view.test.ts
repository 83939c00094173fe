import { describe, expect, test } from "vitest";
import { withoutDefaults } from "@/lib/view";
import { fileName, isNarrowed, NO_FILTERS, readUsage } from "./view";

const USER = "01a200c2-b190-7480-abeb-756f9b9c654b";

test("all filters together survive their URL", () => {
  const view = {
    ...readUsage({}),
    start: "2026-01-01",
    end: "2026-01-31",
    user: USER,
    model: "gpt-4o",
    provider: "openai",
  };
  expect(readUsage(withoutDefaults(view, readUsage))).toEqual(view);
});

test("without anything it is the last 30 days of everything", () => {
  expect(readUsage({})).toEqual({ days: 30, start: undefined, end: undefined, ...NO_FILTERS });
});

describe("a range that is none is left out", () => {
  test.each([
    { start: "2026-02-01", end: "2026-01-01" },
    { start: "2026-02-01" },
    { end: "2026-02-01" },
    { start: "yesterday", end: "2026-02-01" },
  ])("%o", (raw) => {
    const { start, end, days } = readUsage({ ...raw, days: 7 });
    expect([start, end, days]).toEqual([undefined, undefined, 7]);
  });
});

test("what is no id is no filter", () => {
  expect(readUsage({ user: "ada", department: "x'--" })).toEqual(readUsage({}));
  expect(isNarrowed(readUsage({ user: "ada" }))).toBe(false);
  expect(isNarrowed(readUsage({ user: USER }))).toBe(true);
});

test("a file's name says its range", () => {
  expect(fileName("tokens", readUsage({ days: 7 }))).toBe("tokens-last-7-days");
  expect(fileName("tokens", readUsage({ start: "2026-01-01", end: "2026-01-31" }))).toBe(
    "tokens-2026-01-01-to-2026-01-31",
  );
});
