/**
 * The queue to the server: at least once, under the events' ids, which the server counts once.
 *
 * Q1: an event leaves the queue only with the server's answer about it.
 * Q2: one sending at a time; after a failure the next is at its time, kept where a new worker finds it.
 */

import { browser } from "wxt/browser";
import { waitAfter } from "@/core/retry";
import type { UsageEvent } from "@/core/wire";
import { asDevice, NotEnrolled, ServerTrouble } from "./server";
import { configured, forgetRemembered, isPrivate, remember } from "./state";
import { addTo, forget, keep, kept, MOST_SENT_SHOWN, store } from "./store";

interface Waiting {
  failures: number;
  until: number;
}

interface EventsAnswer {
  refused: { index: number; reason: string }[];
}

let sending: Promise<void> | undefined;
let again = false;

/** Send what is queued. While one sending is under way, one more follows it. */
export function flush(now = Date.now()): Promise<void> {
  if (sending !== undefined) {
    again = true;
    return sending;
  }
  sending = sendAll(now).finally(() => {
    sending = undefined;
    if (again) {
      again = false;
      void flush();
    }
  });
  return sending;
}

/** The same, whatever the last failure said to wait for. */
export async function flushNow(): Promise<void> {
  await forget("waiting");
  await flush();
}

async function sendAll(now: number): Promise<void> {
  const waiting = await kept<Waiting>("waiting");
  if (waiting !== undefined && now < waiting.until) return;
  const most = (await configured())?.config.intervals.events_per_batch ?? 50;
  try {
    let size = most;
    for (;;) {
      const batch = await (await store()).getAll("queue", null, size);
      if (batch.length === 0 || (await isPrivate(Date.now()))) break;
      size = (await sendBatch(batch)) ? most : 1;
    }
    if (waiting !== undefined) await forget("waiting");
    await forgetRemembered("trouble");
  } catch (trouble) {
    await wait(waiting?.failures ?? 0, trouble, now);
  }
}

/** Whether the server took the batch; a batch that it cannot read is sent one by one, to find the culprit. */
async function sendBatch(batch: UsageEvent[]): Promise<boolean> {
  try {
    const answer = await asDevice("POST", "/v1/events", { events: batch });
    const { refused } = (await answer.json()) as EventsAnswer;
    await noteAnswered(batch, new Map(refused.map(({ index, reason }) => [index, reason])));
    return true;
  } catch (trouble) {
    const unreadable = trouble instanceof ServerTrouble && [400, 413, 422].includes(trouble.status);
    if (!unreadable) throw trouble;
    if (batch.length === 1) await noteAnswered(batch, new Map([[0, "invalid"]]));
    return false;
  }
}

/** Q1. */
async function noteAnswered(batch: UsageEvent[], refused: Map<number, string>): Promise<void> {
  const changing = (await store()).transaction(["queue", "sent", "kept"], "readwrite");
  const [queue, sent] = [changing.objectStore("queue"), changing.objectStore("sent")];
  for (const [index, event] of batch.entries()) {
    const reason = refused.get(index);
    await queue.delete(event.id);
    await sent.add({
      event,
      at: Date.now(),
      fate: reason ? "refused" : "kept",
      ...(reason ? { reason } : {}),
    });
    if (reason) await addTo(changing.objectStore("kept"), `dropped:refused ${reason}`, 1);
  }
  for (const old of (await sent.getAllKeys()).slice(0, -MOST_SENT_SHOWN)) await sent.delete(old);
  await changing.done;
}

/** Q2. */
async function wait(failures: number, trouble: unknown, now: number): Promise<void> {
  if (trouble instanceof NotEnrolled) return;
  const known = trouble instanceof ServerTrouble;
  await remember("trouble", known ? trouble.message : "Something went wrong in the extension.");
  const retryAfterSeconds = known ? trouble.retryAfterSeconds : 0;
  const until = now + waitAfter(failures + 1, { retryAfterSeconds, random: Math.random() });
  await keep("waiting", { failures: failures + 1, until } satisfies Waiting);
  await browser.alarms.create("send", { when: until });
}
