/**
 * Which requests count: those to known endpoints of known AI services, and nothing else.
 *
 * H1: what leaves of an address is a host, a path class out of `hosts.json` and at most a model's name;
 *     never a query, never an id.
 * H2: the list comes with the build; the server can narrow it, never widen it.
 */

import list from "../../hosts.json";

/** `site`: people open it; its pages call it themselves. `api`: programs and other pages call it too. */
export type Kind = "site" | "api";

export interface Endpoint {
  provider: string;
  kind: Kind;
  host: string;
  /** The path class, such as `/v1/models/{model}:generateContent`. */
  path: string;
  model?: string;
}

/** One entry of `hosts.json`. */
export interface KnownHost {
  provider: string;
  pattern: string;
  kind: Kind;
  paths: string[];
  /** What the pattern's `*` stands for, where a browser's own patterns cannot say it. */
  names?: string[];
}

interface Path {
  path: string;
  expression: RegExp;
}

const PLACES: Record<string, string> = { "{model}": "([^/]+?)", "{id}": "[^/]+" };
const MODEL = /^[a-z0-9][a-z0-9._:@-]{0,79}$/i;

export const HOSTS = list.hosts as KnownHost[];
const PATHS = new Map<KnownHost, Path[]>(HOSTS.map((host) => [host, host.paths.map(compiled)]));

/** The known endpoint that an address belongs to; null for any other address (H1). */
export function endpointOf(url: URL): Endpoint | null {
  if (!["https:", "wss:"].includes(url.protocol) || url.port !== "") return null;
  const host = url.hostname.toLowerCase();
  const known = HOSTS.find((each) => isOf(each, host));
  if (known === undefined) return null;
  for (const { path, expression } of PATHS.get(known) ?? []) {
    const found = expression.exec(url.pathname);
    if (found) return { provider: known.provider, kind: known.kind, host, path, ...modelOf(found[1]) };
  }
  return null;
}

/** The same, from its parts, as messages have them; null where any is not out of the list. */
export function knownEndpoint(host: unknown, path: unknown, model: unknown): Endpoint | null {
  if (typeof host !== "string" || typeof path !== "string") return null;
  const known = HOSTS.find((each) => isOf(each, host) && each.paths.includes(path));
  if (known === undefined || (model !== undefined && (typeof model !== "string" || !MODEL.test(model))))
    return null;
  const { provider, kind } = known;
  return { provider, kind, host, path, ...(model === undefined ? {} : { model }) };
}

/** Whether a host falls under a pattern; its one `*` stands for one or more characters. */
export function matches(pattern: string, host: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return host === pattern;
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return host.length > head.length + tail.length && host.startsWith(head) && host.endsWith(tail);
}

/** Whether the server still counts this host (H2). */
export function isServed(served: { pattern: string }[], host: string): boolean {
  return served.some(({ pattern }) => matches(pattern, host));
}

/** What of the list the server still counts (H2). */
export function servedHosts(served: { pattern: string }[]): KnownHost[] {
  const some = ({ pattern, names = ["a"] }: KnownHost) => names.map((name) => pattern.replace("*", name));
  return HOSTS.filter((known) => some(known).some((host) => isServed(served, host)));
}

/** The hosts as a browser's match patterns have them: `*` only as a whole first label. */
export function hostPatterns(): string[] {
  return HOSTS.flatMap(({ pattern, names }) => names?.map((name) => pattern.replace("*", name)) ?? [pattern]);
}

/** Host permissions, and where the hook runs: pages of AI services, and what they call. */
export function matchPatterns(schemes: string[] = ["https"]): string[] {
  return hostPatterns().flatMap((host) => schemes.map((scheme) => `${scheme}://${host}/*`));
}

function isOf({ pattern, names }: KnownHost, host: string): boolean {
  if (!matches(pattern, host)) return false;
  return names === undefined || names.some((name) => host === pattern.replace("*", name));
}

function compiled(path: string): Path {
  const parts = path.split(/(\{\w+\})/).map((part) => PLACES[part] ?? escaped(part));
  return { path, expression: new RegExp(`^${parts.join("")}$`) };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

function modelOf(segment: string | undefined): { model?: string } {
  const model = segment?.replace(/%3a/gi, ":");
  return model !== undefined && MODEL.test(model) ? { model } : {};
}
