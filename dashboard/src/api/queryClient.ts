import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";
import { isAway, noteAnswer, noteFailure } from "./reach";

/** Told when a request finds that the session has ended, so that the sign-in form can come back. */
let onSignedOut: () => void = () => {};

export function whenSignedOut(told: () => void): void {
  onSignedOut = told;
}

function noticeFailure(failed: unknown): void {
  noteFailure(failed);
  if (failed instanceof ApiError && failed.status === 401) onSignedOut();
}

/** Worth asking again: the server was away or busy. What it refused stays refused. */
function worthRetrying(failures: number, failed: unknown): boolean {
  const busy = failed instanceof ApiError && failed.status >= 500;
  return (busy || isAway(failed)) && failures < 2;
}

/** `networkMode`: a browser that believes to be offline still gets its failure, in place of an endless wait. */
export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeFailure, onSuccess: noteAnswer }),
  mutationCache: new MutationCache({ onError: noticeFailure, onSuccess: noteAnswer }),
  defaultOptions: {
    queries: { staleTime: 15_000, retry: worthRetrying, retryDelay: 600, networkMode: "always" },
    mutations: { networkMode: "always" },
  },
});

/** Before something that failed is shown again: all of it is asked for again, not only what is met first. */
export function forgetFailures(): void {
  queryClient.removeQueries({ type: "inactive", predicate: ({ state }) => state.status === "error" });
}
