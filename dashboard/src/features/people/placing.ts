/** What a department that someone types means, as the server will read it. Pure.
 * The first name of a path may stand anywhere, but only in one place; what is missing is made. */

import type { Department } from "./queries";

export type Meaning =
  | { kind: "known"; path: string }
  | { kind: "new"; under: string; missing: string }
  | { kind: "ambiguous"; name: string; paths: string[] };

type Known = Pick<Department, "id" | "name" | "parent_id" | "path">;

export function meaningOf(typed: string, departments: readonly Known[]): Meaning | null {
  const names = typed.split("/").map(tidy);
  const [first, ...rest] = names;
  const root = departments.find((department) => department.parent_id === null);
  if (!first || !root) return null;
  const called = departments.filter((department) => same(department.name, first));
  const start = same(root.name, first) ? root : called[0];
  if (start !== root && called.length > 1)
    return { kind: "ambiguous", name: first, paths: called.map(({ path }) => path) };
  if (!start) return { kind: "new", under: root.path, missing: names.join(" / ") };
  return below(start, rest, departments);
}

function below(start: Known, names: readonly string[], departments: readonly Known[]): Meaning {
  let at = start;
  for (const [done, name] of names.entries()) {
    const next = departments.find((one) => one.parent_id === at.id && same(one.name, name));
    if (!next) return { kind: "new", under: at.path, missing: names.slice(done).join(" / ") };
    at = next;
  }
  return { kind: "known", path: at.path };
}

function tidy(name: string): string {
  return name.normalize("NFC").trim().split(/\s+/).join(" ");
}

function same(one: string, other: string): boolean {
  return tidy(one).toLowerCase() === tidy(other).toLowerCase();
}

/** The meaning in words, for under the field. */
export function saidOf(meaning: Meaning | null): string {
  if (meaning === null) return "A name, or a path such as Engineering / Platform.";
  if (meaning.kind === "known") return `In ${meaning.path}.`;
  if (meaning.kind === "new") return `New: ${meaning.missing} will be made under ${meaning.under}.`;
  return `More than one department is called ${meaning.name}. Choose one by its path.`;
}
