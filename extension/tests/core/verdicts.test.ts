import { expect, test } from "vitest";
import { AMPLE_TIMES, FRESH_MS, isAmple, noticeOf, type Standing, unsure } from "@/core/verdicts";
import type { PreflightAnswer } from "@/core/wire";

const NOW = 1_800_000_000_000;
const ANSWER: PreflightAnswer = {
  decision: "allow",
  reason: "within_budget",
  message: "There is room.",
  budget_name: "Research",
  remaining_tokens: 100_000,
  missing_tokens: 0,
  resets_at: "2026-12-01T00:00:00Z",
  hold_id: null,
  approvers: [],
  exemption_url: null,
};
const last = (answer: Partial<PreflightAnswer> = {}, age = 0): Standing => ({
  provider: "openai",
  answer: { ...ANSWER, ...answer },
  askedAt: NOW - age,
});
const wanted = { provider: "openai", tokens: 1_000, underWay: 0 };

test("V1: room is ample at 100 times what is asked, and not at one token less", () => {
  expect(isAmple(last({ remaining_tokens: AMPLE_TIMES * 1_000 }), wanted, NOW)).toBe(true);
  expect(isAmple(last({ remaining_tokens: AMPLE_TIMES * 1_000 - 1 }), wanted, NOW)).toBe(false);
});

test("V1: what others ask for meanwhile is not there any more", () => {
  expect(isAmple(last(), { ...wanted, underWay: 1 }, NOW)).toBe(false);
});

test("V1: an answer is good for 10 s, and one from the future is none", () => {
  expect(isAmple(last({}, FRESH_MS), wanted, NOW)).toBe(true);
  expect(isAmple(last({}, FRESH_MS + 1), wanted, NOW)).toBe(false);
  expect(isAmple(last({}, -1), wanted, NOW)).toBe(false);
});

test("V1: an answer about another provider says nothing", () => {
  expect(isAmple(last(), { ...wanted, provider: "anthropic" }, NOW)).toBe(false);
});

test("V1: without a hard cap there is no end of room", () => {
  expect(isAmple(last({ remaining_tokens: null }), wanted, NOW)).toBe(true);
});

test("V2: a block is never used again", () => {
  expect(isAmple(last({ decision: "block", remaining_tokens: null }), wanted, NOW)).toBe(false);
});

test("V3: without an answer the budget's own word counts", () => {
  expect(unsure("allow")).toBeNull();
  expect(unsure("warn")?.decision).toBe("warn");
  expect(unsure("block")?.decision).toBe("block");
});

test("a refusal says which budget, how much is missing, when it resets and who can help", () => {
  const notice = noticeOf({
    ...ANSWER,
    decision: "block",
    missing_tokens: 3_200,
    remaining_tokens: 4_800,
    approvers: ["admin@example.com"],
    exemption_url: "https://toktra.example.com/budget/exemptions/new?tokens=3200",
  });
  expect(notice?.title).toBe("Not sent: Research has no room for it");
  expect(notice?.text).toBe("3,200 tokens are missing for this request. 4,800 are left.");
  expect(notice?.resetsAt).toBe(ANSWER.resets_at);
  expect(notice?.approvers).toEqual(["admin@example.com"]);
  expect(notice?.exemptionUrl).toContain("tokens=3200");
});

test("a link that is no web page is not offered", () => {
  const notice = noticeOf({ ...ANSWER, decision: "block", exemption_url: "javascript:alert(1)" });
  expect(notice?.exemptionUrl).toBeNull();
});

test("what is allowed is not spoken of", () => {
  expect(noticeOf(ANSWER)).toBeNull();
});
