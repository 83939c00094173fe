/**
 * Declarative rules that close every known endpoint: for an exhausted hard cap, so that nothing slips past a
 * page that avoids the hook. The browser applies them without asking, also to pages of other sites.
 */

import { HOSTS, type KnownHost } from "./hosts";

export interface BlockRule {
  id: number;
  action: { type: "block" };
  condition: {
    urlFilter: string;
    isUrlFilterCaseSensitive: boolean;
    resourceTypes: ("xmlhttprequest" | "websocket" | "ping" | "other")[];
    excludedRequestMethods: "options"[];
  };
}

/** What may stand behind a path: nothing, or a query. Without them `/conversation` would take `/conversations`. */
const ENDS = ["|", "?"];

/** Two rules for each path of each host. */
export function blockRules(hosts: KnownHost[] = HOSTS): BlockRule[] {
  return hosts
    .flatMap(({ pattern, paths }) =>
      paths.map((path) => `${anchored(pattern)}${path.replace(/\{\w+\}/g, "*")}`),
    )
    .flatMap((filter) => ENDS.map((end) => filter + end))
    .map((urlFilter, at) => ({
      id: at + 1,
      action: { type: "block" },
      condition: {
        urlFilter,
        isUrlFilterCaseSensitive: true,
        resourceTypes: ["xmlhttprequest", "websocket", "ping", "other"],
        excludedRequestMethods: ["options"],
      },
    }));
}

/** `||` begins at a label of the host's name, so a pattern that begins inside one begins with its rest. */
function anchored(pattern: string): string {
  if (pattern.startsWith("*.")) return `||${pattern.slice(2)}`;
  return pattern.startsWith("*") ? pattern.slice(1) : `||${pattern}`;
}
