/** A first request for a new credential, ready to be pasted into a shell. Pure. */

import type { Grantable } from "./scopes";

type Call = { path: string; body?: string };

const CALLS: readonly [Grantable, Call][] = [
  ["usage:read", { path: "/v1/usage/overview" }],
  ["people:read", { path: "/v1/users?limit=5" }],
  ["budgets:read", { path: "/v1/budgets?limit=5" }],
  ["devices:read", { path: "/v1/devices?limit=5" }],
  ["alerts:read", { path: "/v1/alerts?status=open" }],
  ["audit:read", { path: "/v1/audit-log?limit=5" }],
  ["access:write", { path: "/v1/api-keys" }],
  [
    "preflight",
    {
      path: "/v1/preflight",
      body: '{"key": "first-try", "provider": "openai", "model": "gpt-4o", "estimated_tokens": 500}',
    },
  ],
];

/** Harmless: it reads, or asks what would be. Of scopes that only write there is no such request. */
function firstCall(scopes: readonly string[]): Call | undefined {
  return CALLS.find(([scope]) => scopes.includes(scope))?.[1];
}

function curl({ path, body }: Call, origin: string, bearer: string): string {
  const lines = [`curl -H "Authorization: Bearer ${bearer}"`];
  if (body) lines.push(`-H 'Content-Type: application/json'`, `-d '${body}'`);
  return [...lines, `'${origin}${path}'`].join(" \\\n  ");
}

/** With an API key. Nothing where no harmless request is allowed. */
export function keyExample(scopes: readonly string[], origin: string, key: string): string | undefined {
  const call = firstCall(scopes);
  return call && curl(call, origin, key);
}

/** An OAuth client fetches a token first. */
export function clientExample(origin: string, id: string, secret: string): string {
  return [
    "curl -d grant_type=client_credentials",
    `-d client_id=${id}`,
    `-d client_secret=${secret}`,
    `'${origin}/v1/oauth/token'`,
  ].join(" \\\n  ");
}
