/** What the Usage page shows, as its URL has it. */

import { DAYS, rangeQuery } from "@/lib/range";
import { isoDay, oneOf, type Raw, text, viewOf } from "@/lib/view";
import type { Asked } from "./queries";

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

const id = (raw: unknown) => (typeof raw === "string" && UUID.test(raw) ? raw : undefined);

const fields = viewOf({
  days: oneOf(DAYS),
  start: isoDay,
  end: isoDay,
  user: id,
  model: text,
  provider: text,
  department: id,
});

/** A range needs both of its ends, in order; else it is the last so many days. */
export function readUsage(raw: Raw): ReturnType<typeof fields> {
  const view = fields(raw);
  const ordered = view.start && view.end && view.start <= view.end;
  return ordered ? view : { ...view, start: undefined, end: undefined };
}

export const NO_FILTERS = { user: undefined, model: undefined, provider: undefined, department: undefined };

export function isNarrowed({ user, model, provider, department }: Asked): boolean {
  return Boolean(user ?? model ?? provider ?? department);
}

/** The name of a file with these figures: what range they are of. */
export function fileName(what: string, asked: Asked): string {
  const range = rangeQuery(asked);
  return "days" in range
    ? `${what}-last-${range.days}-days`
    : `${what}-${range.start_date}-to-${range.end_date}`;
}
