/**
 * May a request go out? What can be said without the server, and what its answer means. Pure.
 *
 * V1: an answer is used again while room is ample: at least 100 times what is asked, less what others ask for
 *     meanwhile; for the same provider, and for 10 s after it was asked for.
 * V2: a block is never used again: room may be back.
 * V3: nobody waits longer than 200 ms: then the budget's `when_unsure` decides.
 */

import { type Estimate, estimate, type Parameters } from "./estimator";
import type { Decision, PreflightAnswer } from "./wire";

/** V3, less what it takes to hear of it in the page. */
export const PAGE_LIMIT_MS = 190;
/** The worker stops waiting before the page does, so that its answer is still in time there. */
export const SERVER_LIMIT_MS = 150;
export const AMPLE_TIMES = 100;
export const FRESH_MS = 10_000;
/** No answer is there yet: it is taken for one of about a thousand tokens. */
const TYPICAL_ANSWER_BYTES = 4_000;

/** The last answer of the server: about which provider, and when it was asked for. */
export interface Standing {
  provider: string;
  answer: PreflightAnswer;
  askedAt: number;
}

/** What is asked for now, and what others ask for that have no answer yet. */
export interface Wanted {
  provider: string;
  tokens: number;
  underWay: number;
}

/** V1, V2: whether this request may go out on the strength of an earlier answer. */
export function isAmple(last: Standing, { provider, tokens, underWay }: Wanted, now: number): boolean {
  const age = now - last.askedAt;
  if (last.answer.decision === "block" || last.provider !== provider || age < 0 || age > FRESH_MS)
    return false;
  const left = last.answer.remaining_tokens;
  return left === null || left - underWay >= AMPLE_TIMES * tokens;
}

/** What is asked for: the request as it is, with a typical answer. */
export function askedTokens(
  rules: Parameters,
  request: { host: string; path: string; model?: string; requestBytes: number },
): { tokens: number; output: number } {
  const guess: Estimate = estimate(rules, {
    host: request.host,
    endpoint: request.path,
    streaming: false,
    model: request.model ?? null,
    request_bytes: request.requestBytes,
    response_bytes: TYPICAL_ANSWER_BYTES,
  });
  return { tokens: Math.max(1, guess.input_tokens + guess.output_tokens), output: guess.output_tokens };
}

/** What the page shows to the person in front of it. */
export interface Notice {
  decision: Decision;
  title: string;
  text: string;
  resetsAt: string | null;
  approvers: string[];
  exemptionUrl: string | null;
}

/** V3: what is said when the server has not answered in time. */
export function unsure(decision: Decision): Notice | null {
  if (decision === "allow") return null;
  const blocked = decision === "block";
  return {
    decision,
    title: blocked ? "This request was not sent" : "Your budget could not be checked",
    text: blocked
      ? "Toktra could not check your budget in time, and your organisation asks to wait in that case. Try again in a moment."
      : "Toktra did not answer in time. The request was sent all the same.",
    resetsAt: null,
    approvers: [],
    exemptionUrl: null,
  };
}

/** What a decision of the server says to the person. */
export function noticeOf(answer: PreflightAnswer): Notice | null {
  if (answer.decision === "allow") return null;
  const budget = answer.budget_name ?? "Your budget";
  return {
    decision: answer.decision,
    title:
      answer.decision === "block" ? `Not sent: ${budget} has no room for it` : `${budget} is running low`,
    text: textOf(answer),
    resetsAt: answer.resets_at,
    approvers: answer.approvers,
    exemptionUrl: safeUrl(answer.exemption_url),
  };
}

function textOf({ decision, missing_tokens, remaining_tokens, message }: PreflightAnswer): string {
  if (decision !== "block" || missing_tokens === null) return message;
  const left = remaining_tokens === null ? "" : ` ${count(remaining_tokens)} are left.`;
  return `${count(missing_tokens)} tokens are missing for this request.${left}`;
}

function count(tokens: number): string {
  return new Intl.NumberFormat("en-US").format(tokens);
}

function safeUrl(url: string | null): string | null {
  return url !== null && /^https?:\/\//.test(url) ? url : null;
}
