import { expect, test } from "vitest";
import { type Node, placeOf } from "./departments";

function node(name: string, ...children: Node[]): Node {
  return { id: name, name, parent_id: null, path: name, people: 0, children };
}

const ROOT = node("Acme", node("Engineering", node("Platform"), node("Data")), {
  ...node("Sales", { ...node("Data"), path: "Acme / Sales / Data" }),
  id: "sales",
});

test("a name or a path means a department, however it is written", () => {
  expect(placeOf(ROOT, " platform ")).toMatchObject({ kind: "found", node: { name: "Platform" } });
  expect(placeOf(ROOT, "engineering/ DATA")).toMatchObject({ kind: "found", node: { name: "Data" } });
  expect(placeOf(ROOT, "Acme / Sales / Data")).toMatchObject({ kind: "found" });
  expect(placeOf(ROOT, "ACME")).toMatchObject({ kind: "found", node: { name: "Acme" } });
});

test("what does not exist would be made, each level of it", () => {
  expect(placeOf(ROOT, "Legal")).toMatchObject({ kind: "new", under: { name: "Acme" }, names: ["Legal"] });
  expect(placeOf(ROOT, "Engineering / Apps / iOS")).toMatchObject({
    kind: "new",
    under: { name: "Engineering" },
    names: ["Apps", "iOS"],
  });
});

test("a name that several have is not guessed", () => {
  expect(placeOf(ROOT, "Data")).toMatchObject({ kind: "ambiguous" });
});

test("an empty name means nothing", () => {
  expect(placeOf(ROOT, " ")).toEqual({ kind: "empty" });
  expect(placeOf(ROOT, "Sales / ")).toEqual({ kind: "empty" });
});
