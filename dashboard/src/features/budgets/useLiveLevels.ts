/** Gauges that move without reloading: a stream of levels into the query cache. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect } from "react";
import { atLevel, type Level, tellsMore, withLevels } from "./levels";
import { budgetQuery, budgetsQuery } from "./queries";

/** How often budgets are read again while the stream is away, and how soon it is tried again. */
const WITHOUT_STREAM_MS = 30_000;

/** Follows the levels for as long as the page is there and seen. */
export function useLiveLevels(): void {
  const client = useQueryClient();
  useEffect(() => {
    let stop = () => {};
    const change = () => {
      stop();
      stop = document.hidden ? () => {} : follow(client);
    };
    change();
    document.addEventListener("visibilitychange", change);
    return () => {
      document.removeEventListener("visibilitychange", change);
      stop();
    };
  }, [client]);
}

function follow(client: QueryClient): () => void {
  let source = listen(client);
  const timer = setInterval(() => {
    if (source.readyState === EventSource.OPEN) return;
    readAgain(client);
    if (source.readyState === EventSource.CLOSED) source = listen(client);
  }, WITHOUT_STREAM_MS);
  return () => {
    clearInterval(timer);
    source.close();
  };
}

function listen(client: QueryClient): EventSource {
  const source = new EventSource("/v1/budgets/stream");
  const take = (event: MessageEvent<string>) => merge(client, JSON.parse(event.data));
  source.addEventListener("snapshot", take);
  source.addEventListener("levels", take);
  source.addEventListener("gone", () => readAgain(client));
  return source;
}

function merge(client: QueryClient, levels: Level[]): void {
  const { queryKey } = budgetsQuery(false);
  const before = client.getQueryData(queryKey);
  if (before && tellsMore(before.items, levels)) void client.invalidateQueries({ queryKey });
  client.setQueryData(queryKey, (read) => read && { ...read, items: withLevels(read.items, levels) });
  for (const level of levels)
    client.setQueryData(budgetQuery(level.id).queryKey, (read) => read && atLevel(read, level));
}

function readAgain(client: QueryClient): void {
  void client.invalidateQueries({ queryKey: ["budgets", "all"] });
  void client.invalidateQueries({ queryKey: ["budgets", "one"] });
}
