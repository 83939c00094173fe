/** What the person chose: Privacy Hours. The server hears that they are in use, and nothing of when. */

import { browser } from "wxt/browser";
import { covers, inUse, MOST_WINDOWS, nextChange, type PrivacyHours } from "@/core/privacyHours";
import { greetAgent } from "./agent";
import { open } from "./closing";
import { asDevice } from "./server";
import { identity, privacyHours } from "./state";
import { keep, kept } from "./store";

export async function choose(hours: PrivacyHours): Promise<void> {
  const { windows, until } = hours;
  await keep("privacyHours", { windows: windows.slice(0, MOST_WINDOWS), until } satisfies PrivacyHours);
  await followChoices(Date.now());
}

/** What follows from them now: endpoints open while they last, and the next change is an alarm. */
export async function followChoices(now: number): Promise<void> {
  const hours = await privacyHours();
  if (covers(hours, now)) await open();
  const next = nextChange(hours, now);
  if (next === null) await browser.alarms.clear("privacy");
  else await browser.alarms.create("privacy", { when: next });
  await greetAgent(now);
  await tell(inUse(hours, now));
}

async function tell(using: boolean): Promise<void> {
  if ((await identity()) === undefined || (await kept<boolean>("toldInUse")) === using) return;
  try {
    await asDevice("PUT", "/v1/devices/me/privacy-hours", { in_use: using });
    await keep("toldInUse", using);
  } catch {
    // the next look at the configuration tries again
  }
}
