/** Every listener of the worker, on the first tick: alarms, messages, requests, and being installed. */

import type { Browser } from "wxt/browser";
import { pageMessage } from "@/core/messages";
import { greetAgent } from "./agent";
import { judge } from "./asking";
import { followChoices } from "./choices";
import { openIfOver } from "./closing";
import { fetchConfig, publish } from "./configuration";
import { enrolByPolicy, renewInTime } from "./enrolment";
import { observe } from "./observing";
import { answerOwn, type OwnMessage } from "./ownMessages";
import { noteEnd, settleAll } from "./reporting";
import { flush } from "./sending";
import { showIn } from "./telling";

type Sender = Browser.runtime.MessageSender;
type Reply = (answer: unknown) => void;

const EVERY_MINUTES = { tick: 0.5, config: 5 };

export function register(browser: typeof import("wxt/browser").browser): void {
  browser.runtime.onInstalled.addListener(() => void begin());
  browser.runtime.onStartup.addListener(() => void begin());
  browser.alarms.onAlarm.addListener(({ name }) => void onAlarm(name));
  browser.runtime.onMessage.addListener((said: unknown, sender: Sender, reply: Reply) => {
    const answering = answer(said, sender, browser.runtime.id, browser.runtime.getURL("/"));
    if (answering === null) return false;
    answering.then(reply, () => reply(null));
    return true;
  });
  browser.storage.onChanged.addListener((_changed, area) => {
    if (area === "managed") void onAlarm("config");
  });
  observe(() => void settleAndSend());

  async function begin(): Promise<void> {
    for (const [name, periodInMinutes] of Object.entries(EVERY_MINUTES))
      await browser.alarms.create(name, { periodInMinutes });
    await publish();
    await onAlarm("tick");
    await onAlarm("config");
  }
}

async function onAlarm(name: string): Promise<void> {
  const now = Date.now();
  if (name === "config") await tried(refresh);
  if (name === "open" || name === "tick") await openIfOver(now);
  if (name === "privacy") await followChoices(now);
  if (name === "tick") await tried(() => greetAgent(now));
  await settleAndSend();
}

async function refresh(): Promise<void> {
  const now = Date.now();
  await enrolByPolicy();
  await fetchConfig();
  await renewInTime(now);
  await followChoices(now);
}

async function settleAndSend(): Promise<void> {
  await settleAll(Date.now());
  await flush();
}

/** What fails is tried again at the next alarm; the popup says what is wrong. */
async function tried(work: () => Promise<void>): Promise<void> {
  await work().catch(() => undefined);
}

/** The answer to a message, or null for a sender or a message that is none of ours. */
function answer(said: unknown, sender: Sender, own: string, pages: string): Promise<unknown> | null {
  if (sender.id !== own) return null;
  if (sender.tab === undefined || sender.url?.startsWith(pages)) {
    return sender.url?.startsWith(pages) ? answerOwn(said as OwnMessage) : null;
  }
  const message = pageMessage(said);
  if (message === null) return null;
  return message.kind === "ask" ? answerAsk(message.request, sender) : answerEnd(message.request);
}

async function answerAsk(request: Parameters<typeof judge>[0], sender: Sender): Promise<unknown> {
  const { go, watch, notice } = await judge(request);
  if (notice !== null && sender.tab?.id !== undefined)
    void showIn(sender.tab.id, sender.frameId ?? 0, notice);
  return { go, watch };
}

async function answerEnd(request: Parameters<typeof noteEnd>[0]): Promise<unknown> {
  await noteEnd(request);
  void settleAndSend();
  return { noted: true };
}
