import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { useEffect, useState } from "react";
import { whenSignedOut } from "@/api/queryClient";
import { useAskingUntilBack } from "@/api/reach";
import { sessionQuery } from "@/api/session";
import { Failure, Notice, Waiting } from "@/ui/states";
import { Shell } from "./Shell";
import { SignIn } from "./SignIn";

/** The whole application: the page for someone signed in, the sign-in form for everyone else. */
export function Root() {
  const expired = useExpired();
  useAskingUntilBack();
  const { data: session, error, isPending, refetch } = useQuery(sessionQuery);
  const path = useRouterState({ select: (state) => state.location.pathname });
  if (path === "/welcome") return <Outlet />;
  if (isPending) return <Waiting />;
  if (error && session === undefined)
    return (
      <Notice title="Toktra">
        <Failure error={error} retry={() => void refetch()} />
      </Notice>
    );
  if (!session) return <SignIn expired={expired} />;
  return (
    <Shell session={session}>
      <Outlet />
    </Shell>
  );
}

/** Whether a session has ended while someone was working. The page's address stays, so they come back to it. */
function useExpired(): boolean {
  const client = useQueryClient();
  const [expired, setExpired] = useState(false);
  useEffect(() => {
    whenSignedOut(() => {
      if (!client.getQueryData(sessionQuery.queryKey)) return;
      setExpired(true);
      client.setQueryData(sessionQuery.queryKey, null);
    });
  }, [client]);
  return expired;
}
