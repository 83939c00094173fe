/** What the audit page shows, as its address says it. */

import dayjs from "dayjs";
import { isoDay, text, viewOf } from "@/lib/view";
import type { Entry } from "./words";

export const auditView = viewOf({
  action: text,
  who: text,
  kind: text,
  id: text,
  since: isoDay,
  until: isoDay,
  entry: text,
});

export type AuditView = ReturnType<typeof auditView>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The filters as the API takes them. Days are the viewer's own; the last one is meant whole. */
export function filtersOf(view: AuditView) {
  return {
    action: view.action,
    actor_user_id: view.who && UUID.test(view.who) ? view.who : undefined,
    target_kind: view.kind,
    target_id: view.id?.slice(0, 200),
    since: view.since && dayjs(view.since).startOf("day").toISOString(),
    until: view.until && dayjs(view.until).add(1, "day").startOf("day").toISOString(),
  };
}

export type Filters = ReturnType<typeof filtersOf>;

/** How an address names an entry: its number, and the instant by which it can be found again. */
export function entryKey({ seq, at }: Pick<Entry, "seq" | "at">): string {
  return `${seq}@${at}`;
}

/** The number, and the span of time that holds it; nothing when the text names no entry. */
export function keyedEntry(key: string): { seq: number; since: string; until: string } | null {
  const [, seq, at] = /^(\d{1,15})@(\d{4}-\d{2}-\d{2}T[\d:.]+Z)$/.exec(key) ?? [];
  if (!seq || !at || Number.isNaN(Date.parse(at))) return null;
  // The API counts in microseconds, a browser in milliseconds.
  return { seq: Number(seq), since: at, until: new Date(Date.parse(at) + 1).toISOString() };
}
