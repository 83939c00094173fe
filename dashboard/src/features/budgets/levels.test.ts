import { expect, test } from "vitest";
import { type Level, tellsMore, withLevels } from "./levels";
import type { Budget } from "./queries";

const budget = { id: "a", name: "Sales", used: 10, held: 1, resets_at: "2026-11-30T23:00:00Z" } as Budget;
const level = (changes: Partial<Level>) => ({ ...budget, ...changes }) as Level;

test("what moved is put in, the rest stays", () => {
  const [moved] = withLevels([budget], [{ id: "a", used: 12, held: 0 } as Level]);
  expect(moved).toEqual({ ...budget, used: 12, held: 0 });
});

test("what did not move stays the same object", () => {
  const other = { ...budget, id: "b" };
  const after = withLevels([budget, other], [{ id: "a", used: 10 } as Level, { id: "b", used: 11 } as Level]);
  expect(after[0]).toBe(budget);
  expect(after[1]).not.toBe(other);
});

test("a new budget or a new period has to be read", () => {
  expect(tellsMore([budget], [level({ used: 99 })])).toBe(false);
  expect(tellsMore([budget], [level({ id: "new" })])).toBe(true);
  expect(tellsMore([budget], [level({ resets_at: "2026-12-31T23:00:00Z" })])).toBe(true);
  expect(tellsMore([budget], [level({ resets_at: "2026-11-30T23:00:00.000Z" })])).toBe(false);
});
