import { useQueryErrorResetBoundary } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useEffectEvent } from "react";
import { ApiError } from "@/api/client";
import { forgetFailures } from "@/api/queryClient";
import { isAway, useReachable } from "@/api/reach";
import { Failure } from "@/ui/states";
import { PAGE_AWAY } from "./pageChunk";

/** What a page could not load; trying again asks the server again, by itself once it is back. */
export function Failed({ error }: { error: unknown }) {
  const router = useRouter();
  const { reset } = useQueryErrorResetBoundary();
  const reachable = useReachable();
  const retry = () => {
    if (!(error instanceof ApiError) || error.code === PAGE_AWAY) return window.location.reload();
    forgetFailures();
    reset();
    void router.invalidate();
  };
  const retryIfAway = useEffectEvent(() => {
    if (isAway(error)) retry();
  });
  useEffect(() => {
    if (reachable) retryIfAway();
  }, [reachable]);
  return <Failure error={error} retry={retry} />;
}
