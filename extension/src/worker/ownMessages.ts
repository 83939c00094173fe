/** What the extension's own pages (popup, options) may ask of the worker. */

import { checkedAsk } from "@/core/enrolling";
import type { PrivacyHours } from "@/core/privacyHours";
import { uuid7 } from "@/core/uuid7";
import type { PreflightAnswer } from "@/core/wire";
import { greetAgent } from "./agent";
import { release } from "./asking";
import { choose } from "./choices";
import { close, open } from "./closing";
import { fetchConfig } from "./configuration";
import { enrol } from "./enrolment";
import { type Shown, shown } from "./popupState";
import { asDevice } from "./server";
import { remember } from "./state";

export type OwnMessage =
  | { kind: "state" }
  | { kind: "enrol"; server: string; token: string; email: string }
  | { kind: "choose"; hours: PrivacyHours }
  | { kind: "check" };

export type OwnAnswer = { shown: Shown } | { refused: string };

export async function answerOwn(said: OwnMessage): Promise<OwnAnswer> {
  try {
    await follow(said);
    return { shown: await shown(Date.now()) };
  } catch (trouble) {
    return { refused: trouble instanceof Error ? trouble.message : String(trouble) };
  }
}

async function follow(said: OwnMessage): Promise<void> {
  if (said.kind === "enrol") {
    await enrol(checkedAsk(said));
    await fetchConfig();
    await greetAgent(Date.now());
  }
  if (said.kind === "choose") await choose(said.hours);
  if (said.kind === "check") await check();
}

/** How much is left, asked with one token that is given back at once. */
async function check(): Promise<void> {
  const askedAt = Date.now();
  const ask = { key: uuid7(askedAt), provider: "openai", estimated_tokens: 1, estimated_output_tokens: 0 };
  const answer = (await (await asDevice("POST", "/v1/preflight", ask)).json()) as PreflightAnswer;
  await remember("standing", { provider: ask.provider, answer, askedAt });
  if (answer.decision === "block") await close(answer);
  else await open();
  if (answer.hold_id !== null) await release(answer.hold_id);
}
