/**
 * Weekly windows of local time, as a person writes them: `Mon-Fri 12:00-13:00`. The same rules as the agent's.
 *
 * H1: a window is half-open; one that ends before it starts goes over midnight, into the day after.
 * H2: when the clock is changed a window takes its longer reading: from its earliest start to its latest end.
 * H3: what is printed is read back as the same window.
 */

/** Monday is 0. `start` and `end` are minutes after midnight. */
export interface Window {
  days: number[];
  start: number;
  end: number;
}

/** A stretch of time, half-open, in ms since 1970. */
export interface Stretch {
  starts: number;
  ends: number;
}

/** What was written is no window. The message says why and how to write one. */
export class NotAWindow extends Error {}

export const DAYS = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"] as const;

const EXAMPLE = 'Write it like "Mon-Fri 12:00-13:00", "Sat,Sun 00:00-24:00" or "daily 18:00-08:00".';
const MIDNIGHT = 24 * 60;
const MINUTE_MS = 60_000;
const DAY_MS = MIDNIGHT * MINUTE_MS;
const ALL = [0, 1, 2, 3, 4, 5, 6];
const WORDS: Record<string, number[]> = {
  daily: ALL,
  weekdays: [0, 1, 2, 3, 4],
  weekend: [5, 6],
  weekends: [5, 6],
};
const SHAPE = /^(?:(\D+?)\s+)?(\d{1,2}):(\d\d)\s*(?:-|–|to)\s*(\d{1,2}):(\d\d)$/;
const DAY = /^(mon|tues?|wed(nes)?|thu(rs?)?|fri|sat(ur)?|sun)(day)?$/;

/** NotAWindow for what is none. */
export function parseWindow(text: string): Window {
  const found = SHAPE.exec(text.trim());
  if (found === null) throw new NotAWindow(`"${text}" is not a window of time. ${EXAMPLE}`);
  const [, days, ...times] = found;
  const [start, end] = [minuteOf(times[0], times[1]), minuteOf(times[2], times[3])];
  if (start === MIDNIGHT)
    throw new NotAWindow("A window can end at 24:00 but not start there: start it at 00:00 of the next day.");
  if (start === end)
    throw new NotAWindow("The window ends when it starts. For a whole day write 00:00-24:00.");
  return { days: days === undefined ? ALL : daysOf(days), start, end };
}

export function printWindow({ days, start, end }: Window): string {
  return `${daysText(days)} ${timeText(start)}-${timeText(end)}`;
}

/** The stretches of a window that begin on the days from the one before `now` to some days after it. */
export function stretches({ days, start, end }: Window, now: number, daysAhead = 1): Stretch[] {
  const today = new Date(now);
  const over = end <= start ? MIDNIGHT : 0;
  return Array.from({ length: daysAhead + 2 }, (_, at) => at - 1)
    .map((ahead) => new Date(Date.UTC(today.getFullYear(), today.getMonth(), today.getDate() + ahead)))
    .filter((day) => days.includes(weekday(day)))
    .map((day) => ({
      starts: Math.min(...instants(day, start)),
      ends: Math.max(...instants(day, end + over)),
    }));
}

/** The two readings of a local time, on a day of the calendar: they differ where the clock skips or repeats it. */
function instants(day: Date, minute: number): number[] {
  const wall = day.getTime() + minute * MINUTE_MS;
  const one = new Date(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate(), 0, minute).getTime();
  const both = [one - DAY_MS, one + DAY_MS].map((near) => wall + offset(near));
  const real = both.filter((at) => wall + offset(at) === at);
  return real.length > 0 ? real : both;
}

function offset(at: number): number {
  return new Date(at).getTimezoneOffset() * MINUTE_MS;
}

function weekday(day: Date): number {
  return (day.getUTCDay() + 6) % 7;
}

function minuteOf(hour: string | undefined, minute: string | undefined): number {
  const all = Number(hour) * 60 + Number(minute);
  if (Number(minute) > 59 || all > MIDNIGHT)
    throw new NotAWindow(`${hour}:${minute} is no time of day: they go from 00:00 to 24:00.`);
  return all;
}

function daysOf(text: string): number[] {
  const parts = text
    .toLowerCase()
    .split(/[\s,]+/)
    .filter((part) => part !== "");
  const found = parts.flatMap((part) => WORDS[part] ?? range(part));
  return [...new Set(found)].sort();
}

function range(part: string): number[] {
  const dash = part.indexOf("-");
  const first = dayOf(dash < 0 ? part : part.slice(0, dash));
  const last = dash < 0 ? first : dayOf(part.slice(dash + 1));
  return Array.from({ length: ((last - first + 7) % 7) + 1 }, (_, step) => (first + step) % 7);
}

function dayOf(word: string): number {
  if (!DAY.test(word)) throw new NotAWindow(`"${word}" is no day of the week. ${EXAMPLE}`);
  return DAYS.findIndex((day) => day.toLowerCase() === word.slice(0, 3));
}

function daysText(days: number[]): string {
  if (days.length === DAYS.length) return "daily";
  const runs: number[][] = [];
  for (const day of [...days].sort()) {
    if (runs.at(-1)?.at(-1) === day - 1) runs.at(-1)?.push(day);
    else runs.push([day]);
  }
  return runs
    .map((run) => (run.length === 1 ? name(run[0]) : `${name(run[0])}-${name(run.at(-1))}`))
    .join(",");
}

function name(day: number | undefined): string {
  return DAYS[day ?? 0] ?? "";
}

function timeText(minute: number): string {
  return [Math.floor(minute / 60), minute % 60].map((part) => String(part).padStart(2, "0")).join(":");
}
