import { Alert } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import dayjs from "dayjs";
import { useEffect, useState } from "react";
import { shownSince, useReachable } from "@/api/reach";
import { sessionQuery } from "@/api/session";
import { relative } from "@/lib/format";

/** Says that the server is away, and how old what stands on screen is. Goes by itself when it is back. */
export function Unreachable() {
  const reachable = useReachable();
  return <div role="status">{!reachable && <Banner />}</div>;
}

function Banner() {
  const client = useQueryClient();
  useTick(1_000);
  const since = shownSince(client, sessionQuery.queryKey);
  // With nothing on screen the page says itself that it could not be loaded.
  if (since === undefined) return null;
  return (
    <Alert
      color="yellow"
      variant="light"
      mb="md"
      maw={1280}
      mx="auto"
      title="The server cannot be reached"
      data-testid="unreachable"
    >
      What you see is from {relative(dayjs(since).toISOString())}. This goes away by itself as soon as the
      server answers again.
    </Alert>
  );
}

/** Renders again every so often, since "a minute ago" grows older by itself. */
function useTick(everyMs: number): void {
  const [, tick] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => tick((count) => count + 1), everyMs);
    return () => clearInterval(timer);
  }, [everyMs]);
}
