/** Telling the person: in the tab's outermost page if that is one of ours, else where the request was made. */

import { browser } from "wxt/browser";
import type { ToPage } from "@/core/messages";
import type { Notice } from "@/core/verdicts";

export async function showIn(tabId: number, frameId: number, notice: Notice): Promise<void> {
  const message: ToPage = { kind: "show", notice };
  const show = (frame: number) => browser.tabs.sendMessage(tabId, message, { frameId: frame });
  await show(0).catch(() => show(frameId).catch(() => undefined));
}
