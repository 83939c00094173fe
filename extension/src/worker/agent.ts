/**
 * The agent on this device, when there is one: it hears which hosts this browser's extension counts, so that it
 * leaves them, and says whether Privacy Hours are in force. Without one, nothing is said and nothing is missing.
 */

import { browser } from "wxt/browser";
import { HOSTS } from "@/core/hosts";
import type { AgentHeard } from "./state";
import { keep } from "./store";

const HOST = "dev.toktra.agent";

/** What the agent answers. */
interface Said {
  private?: unknown;
}

/** A sign of life; good for 90 seconds on either side. Pages of other sites call APIs too: those stay its own. */
export async function greetAgent(covering: boolean): Promise<void> {
  const hosts = covering ? HOSTS.filter(({ kind }) => kind === "site").map(({ pattern }) => pattern) : [];
  const said: Said | null = await browser.runtime
    .sendNativeMessage(HOST, { type: "alive", hosts })
    .catch(() => null);
  if (said === null || typeof said.private !== "boolean") return;
  await keep("agent", { at: Date.now(), privacyHours: said.private } satisfies AgentHeard);
}
