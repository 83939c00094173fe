/** What the extension's own pages (popup, options) may ask of the worker. */

import { checkedAsk } from "@/core/enrolling";
import type { PrivacyHours } from "@/core/privacyHours";
import { uuid7 } from "@/core/uuid7";
import type { Exemption, PreflightAnswer } from "@/core/wire";
import { greetAgent } from "./agent";
import { release } from "./asking";
import { choose } from "./choices";
import { close, open } from "./closing";
import { fetchConfig } from "./configuration";
import { enrol } from "./enrolment";
import { type Shown, shown } from "./popupState";
import { asDevice } from "./server";
import { configured, isPrivate, remember } from "./state";

export type OwnMessage =
  | { kind: "state" }
  | { kind: "enrol"; server: string; token: string; email: string }
  | { kind: "choose"; hours: PrivacyHours }
  | { kind: "check" }
  | { kind: "exemptions" };

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
  if (said.kind === "exemptions") await lookAtExemptions();
}

const MOST_EXEMPTIONS = 5;

/** What became of the person's requests for more. In Privacy Hours nothing is asked. */
async function lookAtExemptions(): Promise<void> {
  if (!(await configured())?.config.enforcement.preflight || (await isPrivate(Date.now()))) return;
  const { items } = await (await asDevice("GET", "/v1/devices/me/exemptions")).json();
  const shown = (items as Exemption[]).slice(0, MOST_EXEMPTIONS);
  const part = ({ id, status, tokens, used_tokens, ends_at, notes }: Exemption): Exemption => ({
    id,
    status,
    tokens,
    used_tokens,
    ends_at,
    notes,
  });
  await remember("exemptions", shown.map(part));
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
