import { describe, expect, test } from "vitest";
import { meaningOf, saidOf } from "./placing";

const department = (id: string, parent_id: string | null, path: string) => ({
  id,
  parent_id,
  path,
  name: path.split(" / ").at(-1) ?? "",
});
const ALL = [
  department("r", null, "Acme"),
  department("e", "r", "Acme / Engineering"),
  department("p", "e", "Acme / Engineering / Platform"),
  department("s", "r", "Acme / Sales"),
  department("o", "s", "Acme / Sales / Ops"),
  department("q", "e", "Acme / Engineering / Ops"),
];
const meaning = (typed: string) => meaningOf(typed, ALL);

describe("what is typed", () => {
  test.each([
    ["Acme", "Acme"],
    ["acme / engineering", "Acme / Engineering"],
    ["  PLATFORM ", "Acme / Engineering / Platform"],
    ["Engineering/Ops", "Acme / Engineering / Ops"],
  ])("%s is the department %s", (typed, path) => expect(meaning(typed)).toEqual({ kind: "known", path }));

  test.each([
    ["Legal", "Acme", "Legal"],
    ["Legal / Tax", "Acme", "Legal / Tax"],
    ["Platform / Edge / Cache", "Acme / Engineering / Platform", "Edge / Cache"],
    ["Acme / Platform", "Acme", "Platform"],
  ])("%s is made under %s", (typed, under, missing) =>
    expect(meaning(typed)).toEqual({ kind: "new", under, missing }),
  );

  test("a name that several have is not guessed", () => {
    const found = meaning("ops");
    expect(found).toMatchObject({ kind: "ambiguous" });
    expect(saidOf(found)).toContain("More than one");
  });

  test("nothing is nothing", () => {
    expect(meaning("  ")).toBeNull();
    expect(meaningOf("Acme", [])).toBeNull();
  });
});
