import { expect, test } from "vitest";
import { rangeQuery, rangeWords } from "./range";

test("two days are a range, else it is the last so many", () => {
  expect(rangeQuery({ days: 7, start: "2026-01-01", end: "2026-01-31" })).toEqual({
    start_date: "2026-01-01",
    end_date: "2026-01-31",
  });
  expect(rangeQuery({ days: 7, start: undefined, end: "2026-01-31" })).toEqual({ days: 7 });
});

test.each([
  ["2026-11-01", "2026-11-25", "1 Nov to 25 Nov 2026"],
  ["2025-12-27", "2026-01-25", "27 Dec 2025 to 25 Jan 2026"],
  ["2026-11-25", "2026-11-25", "25 Nov 2026"],
])("%s, %s is %s", (first, last, said) => expect(rangeWords(first, last)).toBe(said));
