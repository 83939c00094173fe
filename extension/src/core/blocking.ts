/**
 * Declarative rules that close every known endpoint: for an exhausted hard cap, so that nothing slips past a
 * page that avoids the hook. The browser applies them without asking, also to pages of other sites.
 */

import { escaped, HOSTS, type KnownHost, pathSource } from "./hosts";

export interface BlockRule {
  id: number;
  action: { type: "block" };
  condition: {
    regexFilter: string;
    isUrlFilterCaseSensitive: boolean;
    resourceTypes: ("xmlhttprequest" | "websocket" | "ping" | "other")[];
    excludedRequestMethods: "options"[];
  };
}

/** One rule for each path of each host: exactly what `endpointOf` knows. */
export function blockRules(hosts: KnownHost[] = HOSTS): BlockRule[] {
  return hosts
    .flatMap(({ pattern, paths }) => paths.map((path) => [pattern, path] as const))
    .map(([pattern, path], at) => ({
      id: at + 1,
      action: { type: "block" },
      condition: {
        regexFilter: `^(https|wss)://${hostSource(pattern)}${pathSource(path)}(\\?.*)?$`,
        isUrlFilterCaseSensitive: true,
        resourceTypes: ["xmlhttprequest", "websocket", "ping", "other"],
        excludedRequestMethods: ["options"],
      },
    }));
}

function hostSource(pattern: string): string {
  return pattern.split("*").map(escaped).join("[a-z0-9.-]+");
}
