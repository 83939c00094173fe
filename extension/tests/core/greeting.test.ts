import { expect, test } from "vitest";
import { answeredFor, isWorthAsking } from "@/core/greeting";

const HOUR = 3_600_000;

test("the agent leaves the services' own pages to an extension that counts", () => {
  expect(answeredFor(true, false)).toContain("chatgpt.com");
  expect(answeredFor(true, false)).not.toContain("api.openai.com");
  expect(answeredFor(false, false)).toEqual([]);
});

test("in Privacy Hours of the browser the agent leaves it everything", () => {
  for (const enrolled of [true, false])
    expect(answeredFor(enrolled, true)).toEqual(expect.arrayContaining(["chatgpt.com", "api.openai.com"]));
});

test("an agent that is not there is looked for once an hour", () => {
  const missed = 10 * HOUR;
  expect(isWorthAsking(missed, undefined, undefined)).toBe(true);
  expect(isWorthAsking(missed + HOUR - 1, undefined, missed)).toBe(false);
  expect(isWorthAsking(missed + HOUR, undefined, missed)).toBe(true);
});

test("one that was heard in the hour before is looked for each time", () => {
  const missed = 10 * HOUR;
  expect(isWorthAsking(missed + 1, missed - HOUR + 1, missed)).toBe(true);
  expect(isWorthAsking(missed + 1, missed + 1, missed)).toBe(true);
  expect(isWorthAsking(missed + 1, missed - HOUR, missed)).toBe(false);
});
