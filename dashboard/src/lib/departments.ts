/** What a name or a path of a department means in the tree, by the server's rules. Pure. */

import type { Schemas } from "@/api/client";
import { unnest } from "./tree";

export type Node = Schemas["DepartmentNode"];

export type Place =
  | { kind: "found"; node: Node }
  | { kind: "new"; under: Node; names: string[] }
  | { kind: "ambiguous"; paths: string[] }
  | { kind: "empty" };

/** What a name or path means: a department, one still to be made, or several of that name. */
export function placeOf(root: Node, typed: string): Place {
  const names = typed.split("/").map(tidy);
  const [first, ...rest] = names;
  if (!first || names.some((name) => name === "")) return { kind: "empty" };
  const called = unnest(root).filter((node) => fold(node.name) === fold(first));
  const start = fold(root.name) === fold(first) ? root : called[0];
  if (start !== root && called.length > 1)
    return { kind: "ambiguous", paths: called.map((node) => node.path) };
  return start ? walk(start, rest) : { kind: "new", under: root, names };
}

function walk(start: Node, names: string[]): Place {
  let at = start;
  for (const [done, name] of names.entries()) {
    const below = at.children.find((child) => fold(child.name) === fold(name));
    if (!below) return { kind: "new", under: at, names: names.slice(done) };
    at = below;
  }
  return { kind: "found", node: at };
}

function tidy(name: string): string {
  return name.normalize("NFC").split(/\s+/).filter(Boolean).join(" ");
}

function fold(name: string): string {
  return tidy(name).toLowerCase().normalize("NFC");
}
