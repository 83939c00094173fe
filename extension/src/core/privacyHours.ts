/**
 * Privacy Hours: when nothing is seen, asked, blocked or sent. Chosen by the person and by nobody else. Pure.
 *
 * P1: they follow from what the person chose, the instant and the device's time zone; from nothing else.
 * P2: in force means in force: windows and "for the next hour" add up, none can shorten another.
 * P3: nothing but whether they are in use ever leaves the device.
 */

import { stretches, type Window } from "./windows";

export interface PrivacyHours {
  windows: Window[];
  /** In force until this instant, in ms since 1970. */
  until: number | null;
}

export const NONE: PrivacyHours = { windows: [], until: null };
export const MOST_WINDOWS = 50;

const DAYS_AHEAD = 8;
const HORIZON_MS = DAYS_AHEAD * 24 * 3_600_000;

export function covers(hours: PrivacyHours, now: number): boolean {
  return coveredTo(hours, now) !== null;
}

/** Whether they cover any instant from the first to the last. */
export function touches(hours: PrivacyHours, first: number, last: number): boolean {
  if (covers(hours, first) || covers(hours, last)) return true;
  const next = nextChange(hours, first);
  return next !== null && next <= last;
}

/** When they end that are in force now; null where none are, or where no end is in sight. */
export function endsAt(hours: PrivacyHours, now: number): number | null {
  let ends = coveredTo(hours, now);
  while (ends !== null && ends < now + HORIZON_MS) {
    const later = coveredTo(hours, ends);
    if (later === null) return ends;
    ends = later;
  }
  return null;
}

/** Whether there is a schedule, or they are in force now. All that the server may learn (P3). */
export function inUse(hours: PrivacyHours, now: number): boolean {
  return hours.windows.length > 0 || covers(hours, now);
}

/** The next instant at which they begin or end; null where there is none in sight. */
export function nextChange(hours: PrivacyHours, now: number): number | null {
  if (covers(hours, now)) return endsAt(hours, now);
  const starts = hours.windows
    .flatMap((window) => stretches(window, now, DAYS_AHEAD))
    .map((stretch) => stretch.starts)
    .filter((at) => at > now);
  return starts.length === 0 ? null : Math.min(...starts);
}

function coveredTo({ windows, until }: PrivacyHours, now: number): number | null {
  const ends = windows
    .flatMap((window) => stretches(window, now))
    .filter((stretch) => stretch.starts <= now && now < stretch.ends)
    .map((stretch) => stretch.ends);
  if (until !== null && now < until) ends.push(until);
  return ends.length === 0 ? null : Math.max(...ends);
}
