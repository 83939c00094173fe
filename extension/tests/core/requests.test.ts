import { expect, test } from "vitest";
import { isKept } from "@/core/requests";

const ending = { sent: true, wasAsked: false, isOurs: false, isPrivate: false };

test.each([
  ["asked for and made", { wasAsked: true, isOurs: true }, true],
  ["asked for before the agent was heard of", { wasAsked: true }, true],
  ["told of by a page that had no answer in time", { isOurs: true }, true],
  ["of a page without an answer, to a host that the agent or nobody counts", {}, false],
  ["not made after all", { wasAsked: true, isOurs: true, sent: false }, false],
  ["in Privacy Hours for a moment", { wasAsked: true, isPrivate: true }, false],
])("a request that was %s", (_, how, kept) => {
  expect(isKept({ ...ending, ...how })).toBe(kept);
});
