/**
 * What is known of all requests under way, sorted out: which are over, and who told of them. Pure.
 *
 * S1: everything seen is counted once: with the request that told of it, or by itself.
 * S2: the order in which the two observers speak does not matter.
 */

import { isSame, PAIRING_MS, type Seen, type Told } from "./requests";

/** A page that never reads its answer never tells its end. */
export const UNREAD_MS = 60_000;
/** Without a word of anybody, a request that was asked for is forgotten, and counted as lost. */
export const FORGOTTEN_MS = 3_600_000;
/** For so long an end that is told again is known to be told again. */
export const REMEMBERED_MS = 600_000;

export interface Settled<S extends Seen> {
  over: { told: Told; seen: S | undefined }[];
  unhooked: S[];
  /** Seen, and nothing that counts. */
  ignored: S[];
  lost: Told[];
  /** Told, over and remembered long enough. */
  stale: Told[];
}

export function settle<S extends Seen>(told: Told[], seen: S[], now: number): Settled<S> {
  const left = new Set(seen);
  const over = told
    .filter((each) => each.state === "ended")
    .sort((a, b) => endOf(a) - endOf(b))
    .map((each) => ({ told: each, seen: take(left, nearest(each, left)) }))
    .filter((pair) => pair.seen !== undefined || now - endOf(pair.told) >= PAIRING_MS);
  const asked = told.filter((each) => each.state === "asked");
  over.push(...unread(asked, left, now));
  const open = told.filter((each) => each.state !== "done" && !over.some((pair) => pair.told === each));
  return {
    over,
    unhooked: [...left].filter((each) => isUnclaimed(each, open, now) && !each.doubtful),
    ignored: [...left].filter((each) => isUnclaimed(each, open, now) && each.doubtful),
    lost: asked.filter((each) => open.includes(each) && now - each.startedAt >= FORGOTTEN_MS),
    stale: told.filter((each) => each.state === "done" && now - endOf(each) >= REMEMBERED_MS),
  };
}

/** Requests that webRequest saw end a while ago, once as many have ended as were asked for. */
function unread<S extends Seen>(asked: Told[], left: Set<S>, now: number) {
  return asked.flatMap((each) => {
    if (each.transport !== "http") return [];
    const ended = [...left].filter((one) => isSame(each, one));
    const rivals = asked.filter((other) => other.host === each.host && other.path === each.path);
    const long = ended.filter((one) => now - one.endedAt >= UNREAD_MS);
    if (long.length === 0 || ended.length < rivals.length) return [];
    return [{ told: each, seen: take(left, long[0]) }];
  });
}

function isUnclaimed(seen: Seen, open: Told[], now: number): boolean {
  return now - seen.endedAt >= PAIRING_MS && !open.some((each) => isSame(each, seen));
}

function nearest<S extends Seen>(told: Told, left: Set<S>): S | undefined {
  const apart = (seen: S) => Math.abs(seen.endedAt - endOf(told));
  return [...left].filter((each) => isSame(told, each)).sort((a, b) => apart(a) - apart(b))[0];
}

function take<S>(left: Set<S>, one: S | undefined): S | undefined {
  if (one !== undefined) left.delete(one);
  return one;
}

function endOf(told: Told): number {
  return told.endedAt ?? told.startedAt;
}
