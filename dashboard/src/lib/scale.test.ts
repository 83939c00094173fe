import { describe, expect, test } from "vitest";
import { isWritten, ticks } from "./scale";

describe("ticks", () => {
  test.each([
    [100, [0, 25, 50, 75, 100]],
    [101, [0, 50, 100, 150]],
    [7, [0, 2, 4, 6, 8]],
    [1_240_000, [0, 500_000, 1_000_000, 1_500_000]],
  ])("up to %d", (most, lines) => expect(ticks(most)).toEqual(lines));

  test("nothing is used", () => expect(ticks(0)).toEqual([0, 1]));
});

test("of ninety days about ten are written, the last among them", () => {
  const written = Array.from({ length: 90 }, (_, index) => isWritten(index, 90, 10)).filter(Boolean);
  expect(written).toHaveLength(10);
  expect(isWritten(89, 90, 10)).toBe(true);
});
