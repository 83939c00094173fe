/**
 * The agent on this device, when there is one: it hears which hosts this browser's extension counts, so that it
 * leaves them, and says whether Privacy Hours are in force. Without one, nothing is said and nothing is missing.
 */

import { browser } from "wxt/browser";
import { HOSTS } from "@/core/hosts";
import { application } from "./browserName";
import { keep } from "./store";

const HOST = "com.toktra.agent";

interface Said {
  device_id?: unknown;
  privacy_hours?: unknown;
}

/** A sign of life; good for 90 seconds on either side. */
export async function greetAgent(covering: boolean): Promise<void> {
  const hosts = covering ? HOSTS.filter(({ kind }) => kind === "site").map(({ pattern }) => pattern) : [];
  const hello = { kind: "alive", browser: application(), hosts };
  const said: Said | null = await browser.runtime.sendNativeMessage(HOST, hello).catch(() => null);
  if (said === null || typeof said !== "object") return;
  await keep("agent", { at: Date.now(), privacyHours: said.privacy_hours === true });
}
