/**
 * The one place where the extension keeps anything: an IndexedDB of the extension's own origin, which no page
 * can open. The worker may be ended between any two lines: what must stay together is one transaction.
 *
 * K1: an event is here before it is sent, and until it is answered.
 * K2: a request's end, its event and its place in the queue change in one transaction.
 * K3: everything is bounded; what is dropped is counted by reason.
 */

import { type DBSchema, type IDBPDatabase, type IDBPTransaction, openDB } from "idb";
import type { Seen, Told } from "@/core/requests";
import type { UsageEvent } from "@/core/wire";

/** What became of an event that left. */
export interface Sent {
  event: UsageEvent;
  at: number;
  fate: "kept" | "refused";
  reason?: string;
}

interface Schema extends DBSchema {
  kept: { key: string; value: unknown };
  told: { key: string; value: Told };
  seen: { key: number; value: Seen & { key?: number } };
  queue: { key: string; value: UsageEvent };
  sent: { key: number; value: Sent };
}

export type Store = IDBPDatabase<Schema>;
export type Changing = IDBPTransaction<Schema, ("told" | "seen" | "queue" | "kept")[], "readwrite">;
/** A seen request with its place in the store. */
export type SeenHere = Seen & { key: number };

export const MOST_QUEUED = 10_000;
export const MOST_UNDER_WAY = 2_000;
export const MOST_SENT_SHOWN = 50;

let opened: Promise<Store> | undefined;

export function store(): Promise<Store> {
  opened ??= openDB<Schema>("toktra", 1, {
    upgrade(made) {
      made.createObjectStore("kept");
      made.createObjectStore("told", { keyPath: "id" });
      made.createObjectStore("seen", { keyPath: "key", autoIncrement: true });
      made.createObjectStore("queue", { keyPath: "id" });
      made.createObjectStore("sent", { autoIncrement: true });
    },
    terminated() {
      opened = undefined;
    },
  });
  return opened;
}

/** What is asked for with every request, as it was last read or written: this worker is the only one. */
const AT_ONCE = new Set(["config", "identity"]);
const read = new Map<string, unknown>();

/** One value that is kept under a name. */
export async function kept<T>(name: string): Promise<T | undefined> {
  if (read.has(name)) return read.get(name) as T;
  const value = (await (await store()).get("kept", name)) as T | undefined;
  if (AT_ONCE.has(name) && value !== undefined) read.set(name, value);
  return value;
}

export async function keep(name: string, value: unknown): Promise<void> {
  await (await store()).put("kept", value, name);
  read.delete(name);
}

export async function forget(name: string): Promise<void> {
  await (await store()).delete("kept", name);
  read.delete(name);
}

/** Everything but what the person chose is gone, in one transaction; how many events had not been sent. */
export async function emptied(): Promise<number> {
  const changing = (await store()).transaction(["kept", "told", "seen", "queue", "sent"], "readwrite");
  const chosen = await changing.objectStore("kept").get("privacyHours");
  const unsent = await changing.objectStore("queue").count();
  for (const name of changing.objectStoreNames) await changing.objectStore(name).clear();
  if (chosen !== undefined) await changing.objectStore("kept").put(chosen, "privacyHours");
  await changing.done;
  read.clear();
  return unsent;
}

/** Counts what was dropped, by reason (K3). */
export async function countDropped(reason: string, many = 1): Promise<void> {
  const changing = (await store()).transaction("kept", "readwrite");
  await addTo(changing.store, `dropped:${reason}`, many);
  await changing.done;
}

export async function addTo(
  kept: { get(key: string): Promise<unknown>; put(value: unknown, key: string): Promise<string> },
  name: string,
  many: number,
): Promise<void> {
  await kept.put((((await kept.get(name)) as number | undefined) ?? 0) + many, name);
}

/** What was dropped, by reason. */
export async function dropped(): Promise<Record<string, number>> {
  const range = IDBKeyRange.bound("dropped:", "dropped:\uffff");
  const opening = (await store()).transaction("kept");
  const [names, counts] = [await opening.store.getAllKeys(range), await opening.store.getAll(range)];
  return Object.fromEntries(names.map((name, at) => [name.slice("dropped:".length), counts[at] as number]));
}
