/** What an entry changed, field by field. Pure. */

import { instant } from "@/lib/format";

type Fields = Record<string, unknown> | null;

export type Change = {
  field: string;
  before: string | undefined;
  after: string | undefined;
  /** The ids behind the texts, where the field holds one. */
  ids: { before?: string; after?: string };
};

const INSTANT = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}/;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
/** The same in every entry of an organisation. */
const KNOWN_ANYWAY = new Set(["org_id"]);

/** The fields that differ. Of what was made or deleted, those that have a value. */
export function difference(before: Fields, after: Fields): Change[] {
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names
    .filter((name) => !KNOWN_ANYWAY.has(name))
    .filter((name) => !same(before?.[name], after?.[name]) || isHidden(after?.[name]))
    .map((name) => changeOf(name, before, after))
    .sort((one, other) => one.field.localeCompare(other.field));
}

function changeOf(name: string, before: Fields, after: Fields): Change {
  return {
    field: fieldName(name),
    before: before === null ? undefined : valueText(before[name]),
    after: after === null ? undefined : valueText(after[name]),
    ids: { before: idIn(before?.[name]), after: idIn(after?.[name]) },
  };
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one ?? null) === JSON.stringify(other ?? null);
}

/** A secret that changed says the same on both sides. */
function isHidden(value: unknown): boolean {
  return value === "(hidden)";
}

function idIn(value: unknown): string | undefined {
  return typeof value === "string" && UUID.test(value) ? value : undefined;
}

/** `limit_amount` -> "limit amount", `manager_id` -> "manager". */
export function fieldName(name: string): string {
  return name.replace(/_id$/, "").replaceAll("_", " ");
}

/** A value as people read it; nothing is "nothing", so that it can be told from an empty text. */
export function valueText(value: unknown): string {
  if (value === null || value === undefined) return "nothing";
  if (value === "") return "(empty)";
  if (value === true) return "yes";
  if (value === false) return "no";
  if (typeof value === "string") return INSTANT.test(value) ? instant(value) : value;
  if (Array.isArray(value)) return value.length === 0 ? "none" : value.map(valueText).join(", ");
  return typeof value === "number" ? value.toLocaleString("en-US") : JSON.stringify(value);
}
