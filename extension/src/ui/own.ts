/** How the extension's own pages speak with the worker. */

import { browser } from "wxt/browser";
import type { OwnAnswer, OwnMessage } from "@/worker/ownMessages";
import type { Shown } from "@/worker/popupState";

export type { Shown };

export class Refused extends Error {}

export async function own(message: OwnMessage): Promise<Shown> {
  const answer = (await browser.runtime.sendMessage(message)) as OwnAnswer;
  if ("refused" in answer) throw new Refused(answer.refused);
  return answer.shown;
}
