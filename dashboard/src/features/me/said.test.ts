import { expect, test } from "vitest";
import { said } from "./said";

test.each([
  ["request_bytes", 2048, "2,048 bytes"],
  ["duration_ms", 2400, "2,400 ms"],
  ["estimated_input_tokens", 410, "410"],
  ["cost_micros", 12_900, "$0.01"],
  ["cost_micros", 129, "$0.000129"],
  ["streaming", false, "no"],
  ["streaming", true, "yes"],
  ["model", "gpt-4o", "gpt-4o"],
  ["hold_id", null, "not known"],
  ["request_bytes", 0, "0 bytes"],
])("%s %s is %s", (name, value, words) => expect(said({ name, value })).toBe(words));

test("an instant is said in the viewer's zone", () => {
  expect(said({ name: "occurred_at", value: "2026-11-21T12:00:00Z" })).toMatch(
    /2[12] Nov 2026, \d\d:\d\d:00/,
  );
});
