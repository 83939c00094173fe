import { describe, expect, test } from "vitest";
import {
  above,
  deeperThan,
  type Item,
  nest,
  press,
  revealed,
  toggled,
  unnest,
  visible,
  withBelow,
} from "./tree";

const item = (id: string, parent_id: string | null, name = id): Item => ({ id, parent_id, name });
const ITEMS = [
  item("sales", "root"),
  item("web", "eng"),
  item("root", null),
  item("api", "eng"),
  item("eng", "root"),
];
const ids = (rows: { item: Item }[]) => rows.map((row) => row.item.id);
const none: ReadonlySet<string> = new Set();

describe("nest", () => {
  test("any order becomes one tree, siblings by name", () => {
    const rows = visible(nest(ITEMS));
    expect(ids(rows)).toEqual(["root", "eng", "api", "web", "sales"]);
    expect(rows.map((row) => row.level)).toEqual([1, 2, 3, 3, 2]);
    expect(rows[3]).toMatchObject({ position: 2, siblings: 2, expanded: null });
  });

  test("whose parent is not in the list stands at the top", () => {
    expect(ids(visible(nest([item("web", "eng"), item("eng", "root")])))).toEqual(["eng", "web"]);
    expect(nest([item("own", "own")])).toHaveLength(1);
    expect(nest([])).toEqual([]);
  });

  test("10,000 levels are walked without a stack", () => {
    const deep = Array.from({ length: 10_000 }, (_, at) => item(`${at}`, at === 0 ? null : `${at - 1}`));
    expect(visible(nest(deep)).at(-1)?.level).toBe(10_000);
    expect(withBelow(deep, "0").size).toBe(10_000);
  });

  test("numbers in names sort as numbers", () => {
    expect(ids(visible(nest([item("Team 10", null), item("Team 9", null)])))).toEqual(["Team 9", "Team 10"]);
  });
});

test("a nested answer flattens with parents first", () => {
  type Answer = { id: string; children: Answer[] };
  const root: Answer = {
    id: "a",
    children: [
      { id: "b", children: [{ id: "c", children: [] }] },
      { id: "d", children: [] },
    ],
  };
  expect(unnest(root).map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
});

test("what is below a collapsed node is not shown", () => {
  const rows = visible(nest(ITEMS), new Set(["eng"]));
  expect(ids(rows)).toEqual(["root", "eng", "sales"]);
  expect(rows[1]?.expanded).toBe(false);
});

test("a node and what is below it", () => {
  expect([...withBelow(ITEMS, "eng")].sort()).toEqual(["api", "eng", "web"]);
  expect([...withBelow(ITEMS, "api")]).toEqual(["api"]);
  expect([...withBelow([item("a", "b"), item("b", "a")], "a")]).toEqual(["a", "b"]);
});

test("what is above a node, the nearest first", () => {
  expect(above(ITEMS, "api")).toEqual(["eng", "root"]);
  expect(above(ITEMS, "root")).toEqual([]);
  expect(above([item("a", "b"), item("b", "a")], "a")).toEqual(["b", "a"]);
});

test("revealing a node opens what is above it and nothing else", () => {
  const place = { focused: "sales", collapsed: new Set(["root", "eng", "sales"]) };
  expect(revealed(ITEMS, place, "api")).toEqual({ focused: "api", collapsed: new Set(["sales"]) });
});

test("collapsed from a level on, the levels above stay", () => {
  const tops = nest(ITEMS);
  expect(ids(visible(tops, deeperThan(tops, 2)))).toEqual(["root", "eng", "sales"]);
});

describe("keys", () => {
  const rows = visible(nest(ITEMS));
  const from = (focused: string, key: string) => press(key, rows, { focused, collapsed: none });

  test.each([
    ["root", "ArrowDown", "eng"],
    ["root", "ArrowUp", "root"],
    ["sales", "ArrowDown", "sales"],
    ["web", "ArrowLeft", "eng"],
    ["eng", "ArrowRight", "api"],
    ["api", "ArrowRight", "api"],
    ["web", "Home", "root"],
    ["web", "End", "sales"],
    ["root", "S", "sales"],
    ["sales", "a", "api"],
    ["gone", "ArrowDown", "eng"],
  ])("from %s, %s goes to %s", (focused, key, goal) => expect(from(focused, key)?.focused).toBe(goal));

  test("left closes, right opens, and the focus stays", () => {
    const closed = from("eng", "ArrowLeft");
    expect(closed).toEqual({ focused: "eng", collapsed: new Set(["eng"]) });
    const opened = press("ArrowRight", visible(nest(ITEMS), new Set(["eng"])), closed ?? never());
    expect(opened).toEqual({ focused: "eng", collapsed: none });
  });

  test.each(["Tab", " ", "Escape", "z"])("%s is for others", (key) => expect(from("eng", key)).toBeNull());

  test("an empty tree has no keys", () =>
    expect(press("End", [], { focused: "", collapsed: none })).toBeNull());
});

test("toggling twice changes nothing", () => {
  const place = { focused: "eng", collapsed: none };
  expect(toggled(toggled(place, "eng"), "eng")).toEqual(place);
});

function never(): never {
  throw new Error("It should have been there.");
}
