/**
 * The agent on this device, when there is one: it hears which hosts this browser's extension answers for, so that
 * it leaves them, and says whether it runs and whether Privacy Hours are in force. Without one, nothing is said
 * and nothing is missing.
 *
 * G1: what the agent is told is true until it is told again: so it is told at once when it changes.
 * G2: where there is no agent it is looked for once an hour, and when the browser starts.
 */

import { browser } from "wxt/browser";
import { answeredFor, isWorthAsking } from "@/core/greeting";
import { covers } from "@/core/privacyHours";
import { type AgentHeard, agentHeard, configured, privacyHours, remember, remembered } from "./state";
import { keep } from "./store";

const HOST = "dev.toktra.agent";

/** What the agent answers. */
interface Said {
  private?: unknown;
  running?: unknown;
}

/** A sign of life; good for 90 seconds on either side. */
export async function greetAgent(now: number): Promise<void> {
  const [heard, missedAt] = [await agentHeard(), await remembered("agentMissed")];
  if (!isWorthAsking(now, heard?.at, missedAt)) return;
  const hosts = answeredFor((await configured()) !== undefined, covers(await privacyHours(), now));
  const said: Said | null = await browser.runtime
    .sendNativeMessage(HOST, { type: "alive", hosts })
    .catch(() => null);
  if (said === null) await remember("agentMissed", now);
  if (typeof said?.private !== "boolean") return;
  const answered = { at: Date.now(), running: said.running === true, privacyHours: said.private };
  await keep("agent", answered satisfies AgentHeard);
}
