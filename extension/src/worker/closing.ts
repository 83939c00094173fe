/**
 * Every endpoint that counts closed in the browser itself while a hard cap has no room, and opened when it has.
 *
 * C1: closed by a block of the server; opened by its next other answer, at the period's end, in Privacy Hours.
 * C2: closing and opening take turns: what is remembered of them and the browser's rules never part.
 */

import { browser } from "wxt/browser";
import { blockRules } from "@/core/blocking";
import { servedHosts } from "@/core/hosts";
import { turns } from "@/core/turns";
import type { PreflightAnswer } from "@/core/wire";
import { configured, isPrivate } from "./state";
import { forget, keep, kept } from "./store";

/** Until when it is closed, in ms since 1970; null: until the server says otherwise. */
interface Closed {
  until: number | null;
}

const inTurn = turns();

export function close({ reason, resets_at }: PreflightAnswer): Promise<void> {
  return inTurn(async () => {
    if (reason !== "hard_cap_reached" || (await isPrivate(Date.now()))) return;
    await keep("closed", { until: resets_at === null ? null : Date.parse(resets_at) } satisfies Closed);
    await replace(blockRules(servedHosts((await configured())?.config.hosts ?? [])));
    if (resets_at !== null) await browser.alarms.create("open", { when: Date.parse(resets_at) });
  });
}

export function open(): Promise<void> {
  return inTurn(async () => {
    if ((await kept<Closed>("closed")) === undefined) return;
    await replace([]);
    await forget("closed");
  });
}

export async function openIfOver(now: number): Promise<void> {
  const closed = await kept<Closed>("closed");
  if (closed === undefined) return;
  if ((closed.until && closed.until <= now) || (await isPrivate(now))) await open();
}

async function replace(rules: ReturnType<typeof blockRules>): Promise<void> {
  const before = await browser.declarativeNetRequest.getDynamicRules();
  await browser.declarativeNetRequest.updateDynamicRules({
    removeRuleIds: before.map((rule) => rule.id),
    addRules: rules as Parameters<typeof browser.declarativeNetRequest.updateDynamicRules>[0]["addRules"],
  });
}
