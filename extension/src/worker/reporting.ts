/** Ends of requests in, events into the queue: what the two observers say, sorted out in one transaction. */

import { type Ended, endpointIn, toldOf } from "@/core/messages";
import { eventOf, isKept, neverLeft, type Seen, unhookedEventOf } from "@/core/requests";
import { settle } from "@/core/settling";
import { uuid7 } from "@/core/uuid7";
import type { UsageEvent } from "@/core/wire";
import { isWatched, release } from "./asking";
import { application } from "./browserName";
import { configured, wasPrivate } from "./state";
import {
  addTo,
  type Changing,
  countDropped,
  MOST_QUEUED,
  MOST_UNDER_WAY,
  type SeenHere,
  store,
} from "./store";

type Stores = ("told" | "seen" | "queue" | "kept")[];
const STORES: Stores = ["told", "seen", "queue", "kept"];

/** The hook says that a request is over. Told again, it changes nothing. */
export async function noteEnd({ sent, ...ended }: Ended): Promise<void> {
  const known = await configured();
  if (known === undefined) return;
  const { startedAt, endedAt } = ended;
  const isPrivate = await wasPrivate(startedAt, endedAt);
  const isOurs = await isWatched(endpointIn(ended), known.config, startedAt, endedAt);
  const changing = (await store()).transaction(STORES, "readwrite");
  const told = changing.objectStore("told");
  const before = await told.get(ended.id);
  if (before?.state === "done") return changing.done;
  const holdId = before?.holdId;
  const keeps = isKept({ sent, wasAsked: before !== undefined, isOurs, isPrivate });
  if (keeps) await told.put({ ...toldOf(ended), ...(holdId ? { holdId } : {}), state: "ended" });
  else await told.delete(ended.id);
  await changing.done;
  if (holdId !== undefined && !keeps) await release(holdId);
}

/** webRequest says that a request is over. */
export async function noteSeen(seen: Seen): Promise<void> {
  const all = await store();
  if ((await all.count("seen")) >= MOST_UNDER_WAY) await countDropped("too many at once");
  else await all.add("seen", seen);
}

/** Everything that is over becomes an event; the holds of what never left are given back. */
export async function settleAll(now: number): Promise<void> {
  const known = await configured();
  if (known === undefined) return;
  const around = { rules: known.config.estimator, application: application() };
  const changing = (await store()).transaction(STORES, "readwrite");
  const [told, seen] = [changing.objectStore("told"), changing.objectStore("seen")];
  const found = settle(await told.getAll(), (await seen.getAll()) as SeenHere[], now);
  const holds: string[] = [];
  for (const over of found.over) {
    if (over.seen !== undefined) await seen.delete(over.seen.key);
    await told.put({ ...over.told, state: "done", endedAt: over.told.endedAt ?? now });
    if (over.seen !== undefined && neverLeft(over.seen))
      holds.push(...(over.told.holdId ? [over.told.holdId] : []));
    else await enqueue(changing, eventOf(over.told, over.seen, around));
  }
  for (const one of found.unhooked) {
    await seen.delete(one.key);
    if (!neverLeft(one)) await enqueue(changing, unhookedEventOf(one, uuid7(now), around));
  }
  for (const one of found.ignored) await seen.delete(one.key);
  for (const one of [...found.stale, ...found.lost]) await told.delete(one.id);
  if (found.lost.length > 0)
    await addTo(changing.objectStore("kept"), "dropped:never ended", found.lost.length);
  await changing.done;
  await Promise.all(holds.map(release));
}

async function enqueue(changing: Changing, event: UsageEvent): Promise<void> {
  const queue = changing.objectStore("queue");
  const kept = changing.objectStore("kept");
  if ((await queue.count()) >= MOST_QUEUED) {
    const oldest = await queue.openKeyCursor();
    if (oldest !== null) await queue.delete(oldest.key);
    await addTo(kept, "dropped:queue full", 1);
  }
  await queue.put(event);
  const day = new Date().toDateString();
  const before = (await kept.get("today")) as { day: string; tokens: number } | undefined;
  const tokens = event.estimated_input_tokens + event.estimated_output_tokens;
  await kept.put({ day, tokens: tokens + (before?.day === day ? before.tokens : 0) }, "today");
}
