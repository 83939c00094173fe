/** Who is signed in. `null`: nobody. */

import {
  type QueryClient,
  queryOptions,
  useMutation,
  useQueryClient,
  useSuspenseQuery,
} from "@tanstack/react-query";
import { ApiError, answer, api, rememberCsrf, type Schemas } from "./client";

export type Session = Schemas["SessionAnswer"];
export type Scope = Schemas["Scope"];

export const sessionQuery = queryOptions({
  queryKey: ["session"],
  queryFn: readSession,
  staleTime: Number.POSITIVE_INFINITY,
});

async function readSession(): Promise<Session | null> {
  try {
    return remember(await answer(api.GET("/v1/session")));
  } catch (failed) {
    if (failed instanceof ApiError && failed.status === 401) return null;
    throw failed;
  }
}

function remember(session: Session): Session {
  rememberCsrf(session.csrf_token);
  return session;
}

/** The session, for what is only shown to someone signed in. */
export function useSession(): Session {
  const { data } = useSuspenseQuery(sessionQuery);
  if (data === null) throw new Error("There is no session.");
  return data;
}

/** Whether the caller may do this. */
export function useMay(scope: Scope): boolean {
  return useSession().scopes.includes(scope);
}

/** What was read before, or failed because a session had ended, is not shown in the next one. */
function begin(client: QueryClient, session: Session | null): void {
  client.removeQueries({ predicate: ({ queryKey }) => queryKey[0] !== sessionQuery.queryKey[0] });
  client.setQueryData(sessionQuery.queryKey, session);
}

export function useSignIn() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: Schemas["SignIn"]) => remember(await answer(api.POST("/v1/session", { body }))),
    onSuccess: (session) => begin(client, session),
  });
}

/** Signs out, and forgets everything that was shown. */
export function useSignOut() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: () => answer(api.DELETE("/v1/session")),
    onSuccess: () => begin(client, null),
  });
}

/** Sets the password of an invited user, and signs them in. */
export function useAcceptInvitation() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: Schemas["InvitationAcceptance"]) =>
      remember(await answer(api.POST("/v1/invitations/accept", { body }))),
    onSuccess: (session) => begin(client, session),
  });
}

/** Changes one's own password. Every other session ends; this one goes on with a new token. */
export function useChangePassword() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: async (body: Schemas["PasswordChange"]) =>
      remember(await answer(api.PUT("/v1/session/password", { body }))),
    onSuccess: (session) => client.setQueryData(sessionQuery.queryKey, session),
  });
}
