import { expect, test } from "vitest";
import type { Schemas } from "@/api/client";
import { mine } from "./mine";

type Node = Schemas["DepartmentNode"];

const node = (id: string, parent_id: string | null, ...children: Node[]): Node => ({
  id,
  parent_id,
  name: id,
  path: id,
  people: 1,
  children,
});

const TREE = node(
  "acme",
  null,
  node("engineering", "acme", node("platform", "engineering")),
  node("sales", "acme"),
);

const organization = { scope: "organization", department_id: "acme", user_id: null } as const;
const of = (department_id: string) => ({ scope: "department", department_id, user_id: null }) as const;
const ofUser = (user_id: string) => ({ scope: "user", department_id: null, user_id }) as const;

const BUDGETS = [organization, of("engineering"), of("platform"), of("sales"), ofUser("ada"), ofUser("ben")];

test("who sees everything is still shown only what stands above them", () => {
  expect(mine(BUDGETS, TREE, { id: "ada", departmentId: "engineering" })).toEqual([
    organization,
    of("engineering"),
    ofUser("ada"),
  ]);
});

test("what a manager sees outside of their departments stands above them", () => {
  const own = node("engineering", "acme", node("platform", "engineering"));
  const seen = [organization, of("division"), of("engineering"), of("platform"), ofUser("ben")];
  expect(mine(seen, own, { id: "ada", departmentId: "engineering" })).toEqual([
    organization,
    of("division"),
    of("engineering"),
  ]);
});

test("a deep tree is no trouble", () => {
  let deep = node("d2000", "d1999");
  for (let level = 1999; level > 0; level--) deep = node(`d${level}`, `d${level - 1}`, deep);
  const budgets = [of("d1"), of("d1000"), of("d2000")];
  expect(mine(budgets, deep, { id: "ada", departmentId: "d1000" })).toEqual([of("d1"), of("d1000")]);
});
