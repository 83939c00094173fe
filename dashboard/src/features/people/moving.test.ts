import { expect, test } from "vitest";
import { mayMoveTo, peopleWithin } from "./moving";

const department = (id: string, parent_id: string | null, people = 1) => ({
  id,
  parent_id,
  people,
  name: id,
});
const ENG = department("eng", "root", 2);
const ROOT = department("root", null, 4);
const ALL = [ROOT, ENG, department("api", "eng"), department("edge", "api"), department("sales", "root")];

test("a department never goes to itself, below itself, or where it is", () => {
  expect(mayMoveTo(ALL, ENG).map(({ id }) => id)).toEqual(["sales"]);
  expect(mayMoveTo(ALL, department("api", "eng")).map(({ id }) => id)).toEqual(["root", "sales"]);
});

test("the root stays", () => expect(mayMoveTo(ALL, ROOT)).toEqual([]));

test("people are counted with those below", () => {
  expect(peopleWithin(ALL, "root")).toBe(9);
  expect(peopleWithin(ALL, "eng")).toBe(4);
  expect(peopleWithin(ALL, "edge")).toBe(1);
});
