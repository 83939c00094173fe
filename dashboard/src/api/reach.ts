/** Whether the server can be reached, as the last answers say. While it cannot, it is asked until it can. */

import type { QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { ApiError } from "./client";

const ASK_AGAIN_MS = 4_000;
const GATEWAYS = [502, 503, 504];

let reachable = true;
const told = new Set<() => void>();

/** Nothing was answered, or only by something that stands before the server. */
export function isAway(failed: unknown): boolean {
  if (!(failed instanceof ApiError)) return false;
  return failed.status === 0 || (failed.code === "unknown" && GATEWAYS.includes(failed.status));
}

export function noteFailure(failed: unknown): void {
  if (isAway(failed)) setReachable(false);
  else if (failed instanceof ApiError) setReachable(true);
}

export function noteAnswer(): void {
  setReachable(true);
}

function setReachable(now: boolean): void {
  if (now === reachable) return;
  reachable = now;
  for (const tell of told) tell();
}

function listen(tell: () => void): () => void {
  told.add(tell);
  return () => told.delete(tell);
}

export function useReachable(): boolean {
  return useSyncExternalStore(listen, () => reachable);
}

/** Asks whether the server is back, until it is. Answers how to stop. */
export function askUntilBack(client: QueryClient): () => void {
  const timer = setInterval(async () => {
    if (!(await isBack())) return;
    setReachable(true);
    await client.refetchQueries({ type: "active" });
  }, ASK_AGAIN_MS);
  return () => clearInterval(timer);
}

export async function isBack(): Promise<boolean> {
  return fetch("/v1/health", { cache: "no-store" }).then(
    ({ status }) => !GATEWAYS.includes(status) && status !== 500,
    () => false,
  );
}

/** Since when the oldest of what is on screen has been so; nothing when nothing is. */
export function shownSince(client: QueryClient, ignored: readonly unknown[]): number | undefined {
  const shown = client
    .getQueryCache()
    .findAll({ type: "active", predicate: ({ queryKey }) => queryKey[0] !== ignored[0] })
    .flatMap(({ state }) => (state.dataUpdatedAt > 0 ? [state.dataUpdatedAt] : []));
  return shown.length > 0 ? Math.min(...shown) : undefined;
}
