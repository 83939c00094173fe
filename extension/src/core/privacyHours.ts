/**
 * Privacy Hours: weekly windows and a pause, chosen by the person and by nobody else. Pure.
 *
 * P1: while they cover an instant, nothing is seen, asked, blocked or sent.
 * P2: windows are of the clock on the wall: on the day it is put back an hour counts twice, on the day it is
 *     put forward the missing hour does not count.
 * P3: half-open: a window holds its start, not its end. An end before the start is on the next day.
 */

/** Monday is 0. `start` and `end` are minutes after midnight. */
export interface Window {
  days: number[];
  start: number;
  end: number;
}

export interface PrivacyHours {
  windows: Window[];
  /** "For the next hour": in force until this instant, in ms since 1970. */
  until: number | null;
}

export class NotAWindow extends Error {}

export const NONE: PrivacyHours = { windows: [], until: null };
export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

const MINUTE = 60_000;
const DAY_MINUTES = 24 * 60;
const LONGEST_SEARCH = 8 * DAY_MINUTES;
const FORM = /^(\S+)\s+(\d{1,2}):(\d{2})\s*-\s*(\d{1,2}):(\d{2})$/;

export function covers(hours: PrivacyHours, now: number): boolean {
  return (hours.until !== null && now < hours.until) || inWindow(hours.windows, now);
}

/** Whether there is a schedule or a pause at all: the one thing others may know of it. */
export function inUse(hours: PrivacyHours, now: number): boolean {
  return hours.windows.length > 0 || (hours.until !== null && now < hours.until);
}

/** When the present cover ends; null where none is, or where it has no end. */
export function endsAt(hours: PrivacyHours, now: number): number | null {
  if (!covers(hours, now)) return null;
  return nextChange(hours, now);
}

/** The next instant at which `covers` changes; null where it does not within a week. */
export function nextChange(hours: PrivacyHours, now: number): number | null {
  const present = covers(hours, now);
  const pause = hours.until !== null && hours.until > now ? hours.until : null;
  let at = (Math.floor(now / MINUTE) + 1) * MINUTE;
  for (let minute = 0; minute < LONGEST_SEARCH; minute++, at += MINUTE) {
    if (pause !== null && pause < at && covers(hours, pause) !== present) return pause;
    if (covers(hours, at) !== present) return at;
  }
  return null;
}

/** `Mon-Fri 12:00-13:00`, `Sat,Sun 00:00-24:00`, `daily 22:00-06:00`. */
export function parseWindow(text: string): Window {
  const found = FORM.exec(text.trim());
  if (!found) throw new NotAWindow(`"${text}" is not a window. Write it like Mon-Fri 12:00-13:00.`);
  const [, days = "", startHour, startMinute, endHour, endMinute] = found;
  const window = {
    days: parseDays(days),
    start: minutes(startHour, startMinute),
    end: minutes(endHour, endMinute),
  };
  if (window.start === window.end || window.start >= DAY_MINUTES)
    throw new NotAWindow("A window must end at another time than it starts.");
  return window;
}

export function printWindow({ days, start, end }: Window): string {
  return `${printDays(days)} ${clock(start)}-${clock(end)}`;
}

function inWindow(windows: Window[], now: number): boolean {
  if (windows.length === 0) return false;
  const local = new Date(now);
  const day = (local.getDay() + 6) % 7;
  const minute = local.getHours() * 60 + local.getMinutes();
  return windows.some(({ days, start, end }) => {
    if (start < end) return days.includes(day) && minute >= start && minute < end;
    return (days.includes(day) && minute >= start) || (days.includes((day + 6) % 7) && minute < end);
  });
}

function parseDays(text: string): number[] {
  if (/^(daily|every day)$/i.test(text)) return [0, 1, 2, 3, 4, 5, 6];
  const days = text.split(",").flatMap((part) => {
    const [first = "", last = first] = part.split("-");
    const [from, to] = [dayOf(first), dayOf(last)];
    return Array.from({ length: ((to - from + 7) % 7) + 1 }, (_, at) => (from + at) % 7);
  });
  return [...new Set(days)].sort();
}

function dayOf(name: string): number {
  const at = DAYS.findIndex((day) => day.toLowerCase() === name.trim().toLowerCase());
  if (at < 0) throw new NotAWindow(`"${name}" is not a day. Days are ${DAYS.join(", ")}.`);
  return at;
}

function minutes(hour: string | undefined, minute: string | undefined): number {
  const all = Number(hour) * 60 + Number(minute);
  if (Number(minute) > 59 || all > DAY_MINUTES)
    throw new NotAWindow(`${hour}:${minute} is not a time. Times go from 00:00 to 24:00.`);
  return all;
}

function printDays(days: number[]): string {
  const sorted = [...days].sort();
  const [first = 0, last = 0] = [sorted[0], sorted.at(-1)];
  const run = sorted.length > 2 && last - first === sorted.length - 1;
  return run ? `${DAYS[first]}-${DAYS[last]}` : sorted.map((day) => DAYS[day]).join(",");
}

function clock(at: number): string {
  return [Math.floor(at / 60), at % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
