import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";
import { listQuery } from "@/api/pages";
import { type Filters, keyedEntry } from "./view";

export const entriesQuery = (filters: Filters) =>
  listQuery(["audit-log", "list", filters], (cursor) =>
    answer(api.GET("/v1/audit-log", { params: { query: { ...filters, cursor, limit: 50 } } })),
  );

/** One entry by the key in an address. `null`: there is none. */
export const entryQuery = (key: string) =>
  queryOptions({
    queryKey: ["audit-log", "entry", key],
    queryFn: () => entryOf(key),
    staleTime: Number.POSITIVE_INFINITY,
  });

async function entryOf(key: string) {
  const keyed = keyedEntry(key);
  if (keyed === null) return null;
  const { seq, since, until } = keyed;
  const page = await answer(api.GET("/v1/audit-log", { params: { query: { since, until, limit: 100 } } }));
  return page.items.find((entry) => entry.seq === seq) ?? null;
}
