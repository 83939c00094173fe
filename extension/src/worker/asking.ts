/**
 * May a request go out? Asked of the server for every request under a hard cap, answered within the limit.
 *
 * A1: room that was held ends with the request's event, or is given back when the request is not made.
 */

import { type Endpoint, isServed } from "@/core/hosts";
import { type Announced, type Answer, endpointIn, toldOf } from "@/core/messages";
import { askedTokens, isAmple, type Notice, noticeOf, SERVER_LIMIT_MS, unsure } from "@/core/verdicts";
import type { DeviceConfig, PreflightAnswer, PreflightAsk } from "@/core/wire";
import { close, open } from "./closing";
import { asDevice } from "./server";
import { agentIsAlive, configured, remember, remembered, wasPrivate } from "./state";
import { MOST_UNDER_WAY, store } from "./store";

export interface Judged extends Answer {
  notice: Notice | null;
}

const WARNED_FOR_MS = 600_000;
const UNWATCHED: Judged = { go: true, watch: false, notice: null };
const GO: Judged = { go: true, watch: true, notice: null };

/** Tokens that are asked for and not answered yet. A worker that ends takes its questions with it. */
let underWay = 0;

/** Whether a request to this endpoint was this extension's to count, all of it. */
export async function isWatched(
  { host, kind }: Endpoint,
  config: DeviceConfig,
  first: number,
  last = first,
): Promise<boolean> {
  if (!isServed(config.hosts, host) || (await wasPrivate(first, last))) return false;
  return kind === "site" || !(await agentIsAlive(last));
}

export async function judge(request: Announced): Promise<Judged> {
  const now = Date.now();
  const known = await configured();
  const endpoint = endpointIn(request);
  if (known === undefined || !(await isWatched(endpoint, known.config, now))) return UNWATCHED;
  await noteAsk(request);
  if (!known.config.enforcement.preflight) return GO;
  const ask = askOf(request, endpoint, known.config);
  const standing = await remembered("standing");
  const wanted = { provider: ask.provider, tokens: ask.estimated_tokens, underWay };
  const answer = asked(ask, now);
  return standing !== undefined && isAmple(standing, wanted, now) ? GO : inTime(answer, known.config);
}

/** A question that comes late, or again, takes nothing back of what was told since. */
async function noteAsk(request: Announced): Promise<void> {
  const changing = (await store()).transaction("told", "readwrite");
  const [before, many] = await Promise.all([changing.store.get(request.id), changing.store.count()]);
  if (before === undefined && many < MOST_UNDER_WAY) await changing.store.put(toldOf(request));
  await changing.done;
}

function askOf(request: Announced, { provider, model }: Endpoint, config: DeviceConfig): PreflightAsk {
  const { tokens, output } = askedTokens(config.estimator, request);
  const named = model === undefined ? {} : { model };
  return { key: request.id, provider, ...named, estimated_tokens: tokens, estimated_output_tokens: output };
}

async function inTime(answer: Promise<PreflightAnswer | null>, config: DeviceConfig): Promise<Judged> {
  const late = new Promise<null>((resolve) => setTimeout(resolve, SERVER_LIMIT_MS, null));
  const said = await Promise.race([answer, late]);
  const notice = said === null ? unsure(config.enforcement.when_unsure) : noticeOf(said);
  return { go: notice?.decision !== "block", watch: true, notice: (await isNews(notice)) ? notice : null };
}

/** A warning is said once in a while, a refusal each time. */
async function isNews(notice: Notice | null): Promise<boolean> {
  if (notice?.decision !== "warn") return true;
  const [now, last] = [Date.now(), await remembered("warned")];
  if (last !== undefined && last.title === notice.title && now - last.at < WARNED_FOR_MS) return false;
  await remember("warned", { title: notice.title, at: now });
  return true;
}

/** The server's answer, with what follows from it, also when nobody waits for it any more (A1). */
async function asked(ask: PreflightAsk, askedAt: number): Promise<PreflightAnswer | null> {
  underWay += ask.estimated_tokens;
  try {
    const answer = (await (await asDevice("POST", "/v1/preflight", ask)).json()) as PreflightAnswer;
    void attach(ask.key, answer.hold_id);
    await Promise.all([remember("standing", { provider: ask.provider, answer, askedAt }), follow(answer)]);
    return answer;
  } catch {
    return null;
  } finally {
    underWay -= ask.estimated_tokens;
  }
}

/** What may go out must find the way open; a block is said before everything is closed. */
async function follow(answer: PreflightAnswer): Promise<void> {
  if (answer.decision === "block") void close(answer);
  else await open();
}

/** The hold belongs to the request. Where its event has gone without it, or it was not made, it is given back. */
async function attach(id: string, holdId: string | null): Promise<void> {
  if (holdId === null) return;
  const changing = (await store()).transaction("told", "readwrite");
  const told = await changing.store.get(id);
  const open = told !== undefined && told.state !== "done";
  if (open) await changing.store.put({ ...told, holdId });
  await changing.done;
  if (!open) await release(holdId);
}

export async function release(holdId: string): Promise<void> {
  await asDevice("DELETE", `/v1/holds/${holdId}`).catch(() => undefined); // it lapses by itself
}
