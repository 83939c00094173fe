import { MutationCache, QueryCache, QueryClient } from "@tanstack/react-query";
import { ApiError } from "./client";

/** Told when a request finds that the session has ended, so that the sign-in form can come back. */
let onSignedOut: () => void = () => {};

export function whenSignedOut(told: () => void): void {
  onSignedOut = told;
}

function noticeSignedOut(failed: unknown): void {
  if (failed instanceof ApiError && failed.status === 401) onSignedOut();
}

/** Worth asking again: the server was away or busy. What it refused stays refused. */
function worthRetrying(failures: number, failed: unknown): boolean {
  const away = failed instanceof ApiError && (failed.status === 0 || failed.status >= 500);
  return away && failures < 2;
}

export const queryClient = new QueryClient({
  queryCache: new QueryCache({ onError: noticeSignedOut }),
  mutationCache: new MutationCache({ onError: noticeSignedOut }),
  defaultOptions: { queries: { staleTime: 15_000, retry: worthRetrying, retryDelay: 600 } },
});
