import { expect, test } from "vitest";
import type { Node } from "@/lib/departments";
import type { Budget } from "./queries";
import { all, move, placed, rowsOf } from "./tree";

function node(id: string, ...children: Node[]): Node {
  return { id, name: id, parent_id: null, path: id, people: 0, children };
}

const ROOT = node("acme", node("eng", node("web", node("css")), node("data")), node("sales"));
const ids = (opened = {}) => rowsOf(ROOT, opened).map((row) => row.node.id);

test("the first levels are open until someone closes them, the others closed until someone opens them", () => {
  expect(ids()).toEqual(["acme", "eng", "web", "data", "sales"]);
  expect(ids({ web: true })).toEqual(["acme", "eng", "web", "css", "data", "sales"]);
  expect(ids({ eng: false })).toEqual(["acme", "eng", "sales"]);
  expect(ids(all(ROOT, true))).toEqual(["acme", "eng", "web", "css", "data", "sales"]);
  expect(ids(all(ROOT, false))).toEqual(["acme"]);
});

test("a row says where it stands", () => {
  expect(rowsOf(ROOT, {}).find((row) => row.node.id === "data")).toMatchObject({
    level: 3,
    place: 2,
    size: 2,
    parent: "eng",
    open: false,
  });
});

test("the keys move as in every tree", () => {
  const rows = rowsOf(ROOT, {});
  expect(move(rows, "eng", "ArrowDown")).toEqual({ focus: "web" });
  expect(move(rows, "acme", "ArrowUp")).toBeNull();
  expect(move(rows, "sales", "ArrowDown")).toBeNull();
  expect(move(rows, "eng", "ArrowRight")).toEqual({ focus: "web" });
  expect(move(rows, "web", "ArrowRight")).toEqual({ toggle: "web" });
  expect(move(rows, "data", "ArrowRight")).toBeNull();
  expect(move(rows, "eng", "ArrowLeft")).toEqual({ toggle: "eng" });
  expect(move(rows, "data", "ArrowLeft")).toEqual({ focus: "eng" });
  expect(move(rows, "data", "Home")).toEqual({ focus: "acme" });
  expect(move(rows, "data", "End")).toEqual({ focus: "sales" });
  expect(move(rows, "data", "a")).toBeNull();
});

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
