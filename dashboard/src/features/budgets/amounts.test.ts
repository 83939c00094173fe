import { describe, expect, test } from "vitest";
import { asTyped, typedAmount } from "./amounts";

describe("what people type", () => {
  test.each([
    ["10M", 10_000_000],
    ["10 m", 10_000_000],
    ["2.5k", 2_500],
    [".5M", 500_000],
    ["1,000,000", 1_000_000],
    ["1 000 000 tokens", 1_000_000],
    ["1_000_000", 1_000_000],
    ["50000000", 50_000_000],
    ["1.5 billion", 1_500_000_000],
    ["3bn", 3_000_000_000],
    ["0", 0],
    ["  7  ", 7],
  ])("%s is %d tokens", (text, value) => {
    expect(typedAmount(text)).toEqual({ value, unit: "tokens" });
  });

  test.each([
    ["$500", 500_000_000],
    ["$1,234.56", 1_234_560_000],
    ["500 USD", 500_000_000],
    ["20 dollars", 20_000_000],
    ["$2.5k", 2_500_000_000],
    ["$0.000001", 1],
    ["$5 USD", 5_000_000],
  ])("%s is %d micro-dollars", (text, value) => {
    expect(typedAmount(text)).toEqual({ value, unit: "micros" });
  });

  test("a bare number is in the unit that is expected", () => {
    expect(typedAmount("500", "micros")).toEqual({ value: 500_000_000, unit: "micros" });
  });

  test("no digit is lost to a float", () => {
    expect(typedAmount("1.001M")).toEqual({ value: 1_001_000, unit: "tokens" });
    expect(typedAmount("$4.35")).toEqual({ value: 4_350_000, unit: "micros" });
    expect(typedAmount("999999999999999")).toEqual({ value: 999_999_999_999_999, unit: "tokens" });
  });

  test.each(["", "ten", "-5", "1,00", "10MM", "1.2.3", "M", "$", "1e6", "0x10", "."])(
    "%j is no amount",
    (text) => {
      expect(typedAmount(text)).toHaveProperty("wrong");
    },
  );

  test.each([
    ["2.5", "Tokens are whole."],
    ["1.0005k", "Tokens are whole."],
    ["$0.0000001", "A millionth of a dollar is the smallest amount."],
    ["2000T", "This is more than can be counted."],
    ["$5 tokens", "This has two units. Write tokens or dollars."],
  ])("%s: %s", (text, wrong) => {
    expect(typedAmount(text)).toEqual({ wrong });
  });
});

test.each([
  [10_000_000, "tokens", "10M"],
  [2_500, "tokens", "2.5k"],
  [445_358, "tokens", "445.358k"],
  [1_234_567, "tokens", "1,234,567"],
  [999, "tokens", "999"],
  [0, "tokens", "0"],
  [500_000_000, "micros", "$500"],
  [500_500_000, "micros", "$500.50"],
  [1, "micros", "$0.000001"],
  [0, "micros", "$0"],
] as const)("%d %s is typed as %s, and read back the same", (value, unit, text) => {
  expect(asTyped(value, unit)).toBe(text);
  expect(typedAmount(text)).toEqual({ value, unit });
});
