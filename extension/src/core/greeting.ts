/** What the agent on the same device is told, and when it is worth a try. Pure. */

import { HOSTS } from "./hosts";

const HOUR_MS = 3_600_000;

/**
 * The hosts that the agent leaves to this browser: the services' own pages once the extension counts. Pages of other
 * sites call APIs too: those stay the agent's. In Privacy Hours of this browser nobody counts it, so it is all of them.
 */
export function answeredFor(enrolled: boolean, isPrivate: boolean): string[] {
  if (!enrolled && !isPrivate) return [];
  return HOSTS.filter(({ kind }) => isPrivate || kind === "site").map(({ pattern }) => pattern);
}

/** Not within an hour of a try in vain, unless an agent was heard in the hour before that one. */
export function isWorthAsking(
  now: number,
  heardAt: number | undefined,
  missedAt: number | undefined,
): boolean {
  if (missedAt === undefined || now - missedAt >= HOUR_MS) return true;
  return heardAt !== undefined && missedAt - heardAt < HOUR_MS;
}
