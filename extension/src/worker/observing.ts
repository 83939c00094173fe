/**
 * What the browser itself says of requests: that one was made, when, and of its answer the length and the kind.
 *
 * O1: bodies are never asked for, nor request headers; of the answer's headers three are looked at, here: length, kind, encoding.
 * O2: nothing is kept of requests that are not to a known endpoint, nor in Privacy Hours.
 */

import { browser } from "wxt/browser";
import { endpointOf, matchPatterns } from "@/core/hosts";
import type { Seen } from "@/core/requests";
import { noticeOf } from "@/core/verdicts";
import { isWatched } from "./asking";
import { noteSeen } from "./reporting";
import { configured, remembered } from "./state";
import { kept } from "./store";
import { showIn } from "./telling";

interface Over {
  requestId: string;
  url: string;
  method: string;
  type: string;
  timeStamp: number;
  tabId: number;
  frameId: number;
  fromCache?: boolean;
  error?: string;
  responseHeaders?: { name: string; value?: string }[];
}

const MOST_STARTS = 1_000;
/** When a request began is not known where the worker was stopped meanwhile: it may have been in Privacy Hours. */
const LONG_MS = 600_000;
const starts = new Map<string, number>();

/** Registers the listeners; must run on the worker's first tick. */
export function observe(onSeen: () => void): void {
  const filter = { urls: matchPatterns(["https", "wss"]) };
  const over = (details: Over) => void noteOver(details).then((noted) => noted && onSeen());
  browser.webRequest.onBeforeRequest.addListener((details) => {
    noteStart(details.requestId, details.timeStamp);
    return undefined;
  }, filter);
  browser.webRequest.onCompleted.addListener((details) => over(details as Over), filter, ["responseHeaders"]);
  browser.webRequest.onErrorOccurred.addListener((details) => over(details as Over), filter);
}

function noteStart(id: string, at: number): void {
  starts.set(id, at);
  const oldest = starts.keys().next().value;
  if (starts.size > MOST_STARTS && oldest !== undefined) starts.delete(oldest);
}

async function noteOver(details: Over): Promise<boolean> {
  const startedAt = starts.get(details.requestId);
  starts.delete(details.requestId);
  const endpoint = endpointOf(new URL(details.url));
  const seen = seenIn(details, startedAt);
  const known = await configured();
  if (endpoint === null || seen === null || known === undefined) return false;
  const first = startedAt ?? seen.endedAt - LONG_MS;
  if (!(await isWatched(endpoint, known.config, first, seen.endedAt))) return false;
  if (details.error?.includes("BLOCKED_BY_CLIENT")) await tellClosed(details);
  const { host, path, model } = endpoint;
  await noteSeen({ host, path, ...(model === undefined ? {} : { model }), ...seen });
  return true;
}

/** The browser's own rules have stopped it: the last block says why. */
async function tellClosed({ tabId, frameId }: Over): Promise<void> {
  const standing = (await kept("closed")) === undefined ? undefined : await remembered("standing");
  const notice = standing === undefined ? null : noticeOf(standing.answer);
  if (notice !== null && tabId >= 0) await showIn(tabId, frameId, notice);
}

type Figures = Omit<Seen, "host" | "path" | "model">;

/** Null for what is no use of a service: reading something back, a check of what is allowed. */
function seenIn(details: Over, startedAt: number | undefined): Figures | null {
  const kind = header(details, "content-type");
  const streams =
    kind === null ? null : /^(text\/event-stream|application\/x-ndjson|application\/vnd\.amazon)/.test(kind);
  const transport = details.type === "websocket" ? "socket" : "http";
  const sends = transport === "socket" || ["POST", "PUT"].includes(details.method) || streams === true;
  if (details.fromCache || (!sends && details.error === undefined)) return null;
  const length = header(details, "content-length");
  return {
    transport,
    ...(startedAt === undefined ? {} : { startedAt: Math.round(startedAt) }),
    endedAt: Math.round(details.timeStamp),
    responseBytes:
      length === null || header(details, "content-encoding") !== null ? null : Number(length) || 0,
    streaming: streams,
    ...(details.error === undefined ? {} : { error: details.error }),
    ...(sends ? {} : { doubtful: true }),
  };
}

function header({ responseHeaders = [] }: Over, name: string): string | null {
  return responseHeaders.find((each) => each.name.toLowerCase() === name)?.value ?? null;
}
