import dayjs from "dayjs";
import { describe, expect, test } from "vitest";
import { amount, compact, exact, money, percent, relative } from "./format";

describe("compact", () => {
  test.each([
    [0, "0"],
    [999, "999"],
    [1000, "1 k"],
    [1_240_000, "1.24 M"],
    [999_600, "1 M"],
    [-2_500_000_000, "-2.5 B"],
    [1e13, "10 T"],
  ])("%d is %s", (count, said) => expect(compact(count)).toBe(said));
});

test("money never hides what is below a cent", () => {
  expect(money(1_234_560_000)).toBe("$1,234.56");
  expect(money(1_500)).toBe("$0.0015");
  expect(money(0)).toBe("$0.00");
});

test("a budget's amount carries its unit", () => {
  expect(amount(2_000_000, "tokens")).toBe("2 M tokens");
  expect(amount(2_000_000, "micros")).toBe("$2.00");
  expect(exact(1234567)).toBe("1,234,567");
});

test("a budget is only full when it is", () => {
  expect(percent(9_999, 10_000)).toBe(99);
  expect(percent(10_000, 10_000)).toBe(100);
  expect(percent(5, 0)).toBe(100);
  expect(percent(0, 0)).toBe(0);
});

test("times are relative to now", () => {
  expect(relative("2026-01-01T00:00:00Z", dayjs("2026-01-01T03:00:00Z"))).toBe("3 hours ago");
  expect(relative("2026-01-01T03:00:10Z", dayjs("2026-01-01T03:00:00Z"))).toBe("just now");
  expect(relative("2026-01-01T03:10:00Z", dayjs("2026-01-01T03:00:00Z"))).toBe("in 10 minutes");
});
