import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { type Exchange, estimate, type Parameters } from "@/core/estimator";

const WIRE = new URL("../../../wire/", import.meta.url);
const read = (path: string) => JSON.parse(readFileSync(new URL(path, WIRE), "utf8"));
const rules: Parameters = read("src/toktra_wire/estimator.json");
const shared: { version: string; vectors: { input: Exchange; expected: object }[] } = read(
  "tests/estimator_vectors.json",
);

test("the vectors are those of the parameters that are shipped", () => {
  expect(shared.version).toBe(rules.version);
  expect(shared.vectors.length).toBeGreaterThanOrEqual(50);
});

test.each(
  shared.vectors.map(({ input, expected }) => ({ name: `${input.host}${input.endpoint}`, input, expected })),
)("as toktra_wire has it: $name", ({ input, expected }) => {
  expect(estimate(rules, input)).toEqual(expected);
});
