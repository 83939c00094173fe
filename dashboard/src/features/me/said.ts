/** What is kept of a request, as people read it. Pure. */

import type { Schemas } from "@/api/client";
import { exact, instant, money } from "@/lib/format";

type Field = Pick<Schemas["CapturedField"], "name" | "value">;

const UNKNOWN = "not known";

/** A value as it is kept, with its unit. Nothing of it is left out. */
export function said({ name, value }: Field): string {
  if (value === null) return UNKNOWN;
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string") return name.endsWith("_at") ? instant(value) : value;
  if (name === "cost_micros") return money(value);
  if (name.endsWith("_bytes")) return `${exact(value)} bytes`;
  if (name.endsWith("_ms")) return `${exact(value)} ms`;
  return exact(value);
}
