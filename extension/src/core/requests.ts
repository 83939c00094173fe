/**
 * One request, from two observers to one event. The hook in the page tells when a request begins and ends and
 * how much it carried; the browser's webRequest says that one was made. Pure.
 *
 * R1: a request that the hook tells of is one event, under the id it was given in the page.
 * R2: a request that only webRequest saw (a worker's, a page's that avoids the hook) is an event too.
 * R3: sizes are totals of one request; the sequence of sizes is not kept anywhere.
 */

import { estimate, type Parameters } from "./estimator";
import type { UsageEvent } from "./wire";

export type Transport = "http" | "socket";

/** What the hook says of a request. Times are ms since 1970. */
export interface Told {
  id: string;
  host: string;
  path: string;
  model?: string;
  transport: Transport;
  startedAt: number;
  requestBytes: number;
  endedAt?: number;
  responseBytes?: number;
  /** Server-sent events, where the browser itself counts them out. */
  responseEvents?: number;
  holdId?: string;
  state: "asked" | "ended" | "done";
}

/** What webRequest says of a request that is over. */
export interface Seen {
  host: string;
  path: string;
  model?: string;
  transport: Transport;
  startedAt?: number;
  endedAt: number;
  /** From Content-Length; null where the answer had none. */
  responseBytes: number | null;
  streaming: boolean | null;
  error?: string;
  /** Maybe no use of the service at all: it counts only with the hook's word. */
  doubtful?: true;
}

/** How long after a request's end the other observer may still speak. */
export const PAIRING_MS = 5_000;
/** The page's clock and the browser's tell the same instant at most so far apart; ends take a little longer. */
const CLOCKS_APART_MS = 50;
const ENDS_APART_MS = 250;

const NEVER_LEFT =
  /ERR_(BLOCKED_BY|CONNECTION_REFUSED|CONNECTION_TIMED_OUT|NAME_NOT_RESOLVED|INTERNET_DISCONNECTED|ADDRESS_|NETWORK_|PROXY_|CERT_|SSL_)/;

/** Whether this request failed before anything of it left the browser. */
export function neverLeft(seen: Seen): boolean {
  return seen.error !== undefined && NEVER_LEFT.test(seen.error);
}

interface Ending {
  sent: boolean;
  /** Whether it was found to be ours when it was asked for. */
  wasAsked: boolean;
  /** Whether it is ours by what holds now. */
  isOurs: boolean;
  isPrivate: boolean;
}

/** Whether a request that the hook tells the end of is kept: a page that got no answer in time tells of every one. */
export function isKept({ sent, wasAsked, isOurs, isPrivate }: Ending): boolean {
  return sent && !isPrivate && (wasAsked || isOurs);
}

/** Whether both can be speaking of the same request: it went out and was over while the hook watched it. */
export function isSame(told: Told, seen: Seen): boolean {
  const [first, last] = [told.startedAt - CLOCKS_APART_MS, told.endedAt ?? Number.POSITIVE_INFINITY];
  const began = seen.startedAt ?? told.startedAt;
  return (
    told.host === seen.host &&
    told.path === seen.path &&
    told.transport === seen.transport &&
    began >= first &&
    began <= last + CLOCKS_APART_MS &&
    seen.endedAt >= first &&
    seen.endedAt <= last + ENDS_APART_MS
  );
}

export interface Circumstances {
  rules: Parameters;
  application: string;
}

/** R1. */
export function eventOf(told: Told, seen: Seen | undefined, around: Circumstances): UsageEvent {
  const endedAt = told.endedAt ?? seen?.endedAt ?? told.startedAt;
  return built(around, {
    ...told,
    responseBytes: told.responseBytes || seen?.responseBytes || 0,
    streaming: told.transport === "socket" || (told.responseEvents ?? 0) > 0 || (seen?.streaming ?? null),
    durationMs: Math.max(0, Math.round(endedAt - told.startedAt)),
  });
}

/** R2. What it sent is not known: browsers do not say. */
export function unhookedEventOf(seen: Seen, id: string, around: Circumstances): UsageEvent {
  const startedAt = seen.startedAt ?? seen.endedAt;
  return built(around, {
    ...seen,
    id,
    startedAt,
    requestBytes: 0,
    responseBytes: seen.responseBytes ?? 0,
    durationMs: seen.startedAt === undefined ? undefined : Math.max(0, Math.round(seen.endedAt - startedAt)),
  });
}

interface Facts {
  id: string;
  host: string;
  path: string;
  model?: string;
  startedAt: number;
  requestBytes: number;
  responseBytes: number;
  responseEvents?: number;
  streaming: boolean | null;
  durationMs: number | undefined;
  holdId?: string;
}

function built({ rules, application }: Circumstances, facts: Facts): UsageEvent {
  const guess = estimate(rules, {
    host: facts.host,
    endpoint: facts.path,
    streaming: facts.streaming,
    request_bytes: facts.requestBytes,
    response_bytes: facts.responseBytes,
    response_events: facts.responseEvents ?? null,
    model: facts.model ?? null,
  });
  return {
    id: facts.id,
    occurred_at: new Date(facts.startedAt).toISOString(),
    provider_host: facts.host,
    endpoint: facts.path,
    request_bytes: facts.requestBytes,
    response_bytes: facts.responseBytes,
    estimated_input_tokens: guess.input_tokens,
    estimated_output_tokens: guess.output_tokens,
    input_low: guess.input_low,
    input_high: guess.input_high,
    output_low: guess.output_low,
    output_high: guess.output_high,
    estimator_version: guess.version,
    source: "extension",
    application,
    ...(facts.model === undefined ? {} : { model: facts.model }),
    ...(facts.streaming === null ? {} : { streaming: facts.streaming }),
    ...(facts.durationMs === undefined ? {} : { duration_ms: facts.durationMs }),
    ...(facts.holdId === undefined ? {} : { hold_id: facts.holdId }),
  };
}
