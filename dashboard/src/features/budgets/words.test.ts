import { expect, test } from "vitest";
import { levelOf } from "@/ui/level";
import { periodName, periodStart, thresholdsOf, workedOut } from "./words";

const ROW = {
  starts_at: "2026-11-01T00:00:00Z",
  ends_at: "2026-12-01T00:00:00Z",
  fixed_at: "2026-11-02T00:00:00Z",
  fixed: true,
  limit: 10_000,
  earlier: 0,
  used: 8_000,
  unused: 2_000,
  cap_percent: 50,
  rolled_over: 1_000,
};

test("a rollover says how it was worked out", () => {
  expect(workedOut(ROW, "tokens")).toBe(
    "Limit 10,000 tokens, 8,000 tokens used: 2,000 tokens unused; 50% of that, rounded down",
  );
  expect(workedOut({ ...ROW, earlier: 1_000, used: 20_000, unused: 0 }, "tokens")).toBe(
    "Limit 10,000 tokens and 1,000 tokens carried in before, 20,000 tokens used: nothing unused",
  );
});

test("the limit itself is a threshold, once", () => {
  expect(thresholdsOf({ thresholds: [90, 70] })).toBe("70%, 90%, 100%");
  expect(thresholdsOf({ thresholds: [100, 120] })).toBe("100%, 120%");
});

test("a gauge has what was rolled over in its limit, and leaves exemptions out", () => {
  const budget = {
    limit: 100,
    rolled_over: 20,
    used: 70,
    exempt_used: 30,
    held: 5,
    remaining: 75,
    unit: "tokens",
    thresholds: [70],
  } as const;
  expect(levelOf({ ...budget, thresholds: [70] })).toMatchObject({ limit: 120, used: 40, held: 5 });
});

test("a period has the days of the organisation's zone, wherever it is read", () => {
  const november = { starts_at: "2026-10-31T23:00:00Z", ends_at: "2026-11-30T23:00:00Z" };
  expect(periodName(november, "Europe/Berlin").replace(/\s/g, "")).toBe("1–30Nov2026");
  expect(periodStart(november.starts_at, "Europe/Berlin")).toBe("1 Nov 26");
});
