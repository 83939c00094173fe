import { expect, test } from "vitest";
import type { Node } from "@/lib/departments";
import type { Budget } from "./queries";
import { placed } from "./tree";

const node = (id: string, children: Node[] = []): Node => ({
  id,
  name: id,
  parent_id: null,
  path: id,
  people: 0,
  children,
});
const ROOT = node("acme", [node("eng"), node("sales")]);

test("every budget is shown in one place", () => {
  const budget = (id: string, department_id: string | null, user_id: string | null) =>
    ({ id, department_id, user_id }) as Budget;
  const { below, above, users } = placed(ROOT, [
    budget("1", "eng", null),
    budget("2", "eng", null),
    budget("3", "elsewhere", null),
    budget("4", null, "u"),
  ]);
  expect(below.get("eng")?.map((one) => one.id)).toEqual(["1", "2"]);
  expect(above.map((one) => one.id)).toEqual(["3"]);
  expect(users.map((one) => one.id)).toEqual(["4"]);
});
