/** Whether the server can be reached, as the last answers say. While it cannot, it is asked until it can. */

import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { ApiError, answer, api } from "./client";

const ASK_AGAIN_MS = 4_000;

let reachable = true;
const told = new Set<() => void>();

/** Nothing was answered by the server itself. */
export function isAway(failed: unknown): boolean {
  return failed instanceof ApiError && failed.status === 0;
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

/** While the server is away, asks whether it is back; then everything on screen is read again. */
export function useAskingUntilBack(): void {
  const away = !useReachable();
  const client = useQueryClient();
  useEffect(() => {
    if (!away) return;
    const timer = setInterval(async () => {
      if (!(await isBack())) return;
      setReachable(true);
      await client.refetchQueries({ type: "active" });
    }, ASK_AGAIN_MS);
    return () => clearInterval(timer);
  }, [away, client]);
}

/** Whether Toktra itself answers, and not what stands before it. */
export async function isBack(): Promise<boolean> {
  const health = answer(api.GET("/v1/health", { cache: "no-store" }));
  return health.then(
    () => true,
    (failed) => failed instanceof ApiError && failed.code !== "unknown" && !isAway(failed),
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
