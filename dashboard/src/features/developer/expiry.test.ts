import dayjs from "dayjs";
import { expect, test } from "vitest";
import { expiryOf, standing } from "./expiry";

const NOW = dayjs("2026-11-21T09:00:00Z");

test("a key ends so many days from now, after the chosen day, or never", () => {
  expect(expiryOf("30", null, NOW)).toBe("2026-12-21T09:00:00.000Z");
  expect(dayjs(expiryOf("day", "2027-01-31", NOW)).format("YYYY-MM-DD HH:mm")).toBe("2027-02-01 00:00");
  expect(expiryOf("never", "2027-01-31", NOW)).toBeNull();
});

test("revoked weighs more than expired, and the instant of the end is over", () => {
  const at = NOW.toISOString();
  expect(standing({ revoked_at: at, expires_at: at }, NOW.valueOf())).toBe("revoked");
  expect(standing({ revoked_at: null, expires_at: at }, NOW.valueOf())).toBe("expired");
  expect(standing({ revoked_at: null, expires_at: at }, NOW.valueOf() - 1)).toBe("good");
  expect(standing({ revoked_at: null }, NOW.valueOf())).toBe("good");
});
