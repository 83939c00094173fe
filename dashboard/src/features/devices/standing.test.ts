import { describe, expect, test } from "vitest";
import { deviceStanding, tokenState } from "./standing";

describe("a token", () => {
  const open = { revoked_at: null, expires_at: "2026-01-02T00:00:00Z", uses: 1, max_uses: 2 };
  const before = Date.parse("2026-01-01T23:59:59Z");

  test("lets devices in until it ends, is used up or is revoked", () => {
    expect(tokenState(open, before)).toBe("open");
    expect(tokenState(open, Date.parse(open.expires_at))).toBe("expired");
    expect(tokenState({ ...open, uses: 2 }, before)).toBe("used");
    expect(tokenState({ ...open, uses: 2, revoked_at: "2026-01-01T00:00:00Z" }, before)).toBe("revoked");
  });
});

test("a silent device says so instead of enrolled", () => {
  expect(deviceStanding({ status: "enrolled", silent: true }).word).toBe("Silent");
  expect(deviceStanding({ status: "enrolled", silent: false }).word).toBe("Enrolled");
  expect(deviceStanding({ status: "revoked", silent: false }).word).toBe("Revoked");
});
