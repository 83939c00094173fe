import { expect, test } from "vitest";
import { consequence, factsOf, usedOf } from "./facts";

const DETAILS = {
  unit: "tokens",
  used: 15_737_479,
  limit: 17_000_000,
  budget: "Marketing",
  hard_cap: true,
  resets_at: "2026-11-30T23:00:00+00:00",
};

test("figures are read to the last digit", () => {
  const facts = factsOf(DETAILS);
  expect(facts && usedOf(facts)).toBe("15,737,479 tokens of 17,000,000 tokens, 92%");
});

test("details of another kind are none", () => {
  expect(factsOf({})).toBeNull();
  expect(factsOf({ ...DETAILS, unit: "bytes" })).toBeNull();
  expect(factsOf({ ...DETAILS, used: "much" })).toBeNull();
});

test("only a hard cap that is reached blocks", () => {
  const said = (changes: object) => {
    const facts = factsOf({ ...DETAILS, ...changes });
    return facts && consequence(facts);
  };
  expect(said({ used: 17_000_000 })).toBe("Requests are blocked.");
  expect(said({})).toBe("Requests are blocked when the limit is reached.");
  expect(said({ used: 17_000_000, hard_cap: false })).toBe("Nothing is blocked: it is a soft cap.");
  expect(said({ hard_cap: false })).toBe("Nothing is blocked.");
});
