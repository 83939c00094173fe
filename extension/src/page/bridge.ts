/**
 * What the hook says goes to the worker, checked; what the worker says goes to the hook, or onto the screen.
 *
 * B1: an end is told until the worker has noted it: it may be ended at any moment, and is started by the next try.
 */

import { browser } from "wxt/browser";
import {
  type Announced,
  type Answer,
  type PageMessage,
  type Present,
  pageMessage,
  type ToPage,
} from "@/core/messages";
import { showNotice } from "@/ui/notice";
import { offer } from "./channel";

const TRIES = 12;
const FIRST_WAIT_MS = 250;

export function bridge(): void {
  const end = offer();
  let present: Present = { active: true, whenUnsure: "allow" };
  const learn = (said: unknown) => {
    if (said === undefined) return;
    present = said as Present;
    end.say("present", present);
  };
  void browser.storage.local.get("present").then((found) => learn(found.present));
  browser.storage.local.onChanged.addListener(({ present: changed }) => learn(changed?.newValue));
  browser.runtime.onMessage.addListener((said: ToPage) => {
    if (said.kind === "show") showNotice(said.notice);
  });
  end.hear("ask", (what) => {
    const message = pageMessage({ kind: "ask", request: what });
    if (message === null) return;
    const { id } = message.request as Announced;
    void ask(message).then((said) =>
      end.say("answer", { id, ...(isAnswer(said) ? said : without(present)) }),
    );
  });
  end.hear("end", (what) => {
    const message = pageMessage({ kind: "end", request: what });
    if (message !== null) void tell(message);
  });
}

/** B1. */
async function tell(message: PageMessage): Promise<void> {
  for (let tried = 0; tried < TRIES; tried++) {
    if ((await say(message)) !== null) return;
    await new Promise((resolve) => setTimeout(resolve, FIRST_WAIT_MS * 2 ** Math.min(tried, 6)));
  }
}

/** A worker that ends over a question is started by the next; the same key gets the same answer. */
async function ask(message: PageMessage): Promise<unknown> {
  return (await say(message)) ?? (await say(message));
}

/** The worker's answer; null when there was none. */
async function say(message: PageMessage): Promise<unknown> {
  try {
    return (await browser.runtime.sendMessage(message)) ?? null;
  } catch {
    return null;
  }
}

function without({ whenUnsure }: Present): Answer {
  return { go: whenUnsure !== "block", watch: true };
}

function isAnswer(said: unknown): said is Answer {
  return typeof said === "object" && said !== null && "go" in said;
}
