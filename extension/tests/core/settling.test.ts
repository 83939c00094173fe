import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { eventOf, neverLeft, PAIRING_MS, type Seen, type Told, unhookedEventOf } from "@/core/requests";
import { FORGOTTEN_MS, REMEMBERED_MS, settle, UNREAD_MS } from "@/core/settling";

const T = 1_800_000_000_000;
const WHERE = { host: "chatgpt.com", path: "/backend-api/conversation", transport: "http" } as const;
const rules = JSON.parse(
  readFileSync(new URL("../../../wire/src/toktra_wire/estimator.json", import.meta.url), "utf8"),
);
const around = { rules, application: "Chrome" };
let ids = 0;

function told(more: Partial<Told> = {}): Told {
  const id = `${++ids}`;
  return {
    id,
    ...WHERE,
    startedAt: T,
    requestBytes: 100,
    endedAt: T + 500,
    responseBytes: 900,
    state: "ended",
    ...more,
  };
}
function asked(more: Partial<Told> = {}): Told {
  const { endedAt, responseBytes, ...rest } = told(more);
  return { ...rest, state: "asked" };
}
function seen(more: Partial<Seen> = {}): Seen {
  return { ...WHERE, endedAt: T + 490, responseBytes: null, streaming: true, ...more };
}

test("S1: what was told and seen is one request, at once", () => {
  const [one, other] = [told(), seen()];
  const found = settle([one], [other], T + 500);
  expect(found.over).toEqual([{ told: one, seen: other }]);
  expect(found.unhooked).toEqual([]);
});

test("S2: told before it is seen: the other observer has a while to speak", () => {
  const one = told();
  expect(settle([one], [], T + 500 + PAIRING_MS - 1).over).toEqual([]);
  expect(settle([one], [], T + 500 + PAIRING_MS).over).toEqual([{ told: one, seen: undefined }]);
});

test("S2: seen before it is told: it waits for who told of its beginning", () => {
  const found = settle([asked()], [seen()], T + 10 * PAIRING_MS);
  expect([found.over, found.unhooked]).toEqual([[], []]);
});

test("S1: what nobody told of is counted by itself, after a while", () => {
  const one = seen();
  expect(settle([], [one], T + 490 + PAIRING_MS - 1).unhooked).toEqual([]);
  expect(settle([], [one], T + 490 + PAIRING_MS).unhooked).toEqual([one]);
});

test.each([
  { host: "claude.ai" },
  { path: "/backend-api/f/conversation" },
  { transport: "socket" as const },
  { endedAt: T - 1_000 },
  { endedAt: T + 500 + 251 },
  { startedAt: T - 51 },
  { startedAt: T + 551, endedAt: T + 600 },
])("S1: another request is another: %o", (other) => {
  const found = settle([told()], [seen(other)], T + 60_000);
  expect(found.over.map((pair) => pair.seen)).toEqual([undefined]);
  expect(found.unhooked).toHaveLength(1);
});

test("S1: of two in a row each has its own, whoever speaks first", () => {
  const [one, next] = [told(), told({ startedAt: T + 560, endedAt: T + 700 })];
  const late = seen({ startedAt: T + 562, endedAt: T + 698 });
  expect(settle([one, next], [late], T + 700).over).toEqual([{ told: next, seen: late }]);
});

test("what may be no use of a service counts only with the hook's word", () => {
  const doubtful = seen({ doubtful: true });
  expect(settle([told()], [doubtful], T + 500).over).toHaveLength(1);
  const alone = settle([], [doubtful], T + 490 + PAIRING_MS);
  expect([alone.unhooked, alone.ignored]).toEqual([[], [doubtful]]);
});

test("S1: many at once are each counted once", () => {
  const all = Array.from({ length: 50 }, (_, at) => told({ endedAt: T + 500 + at }));
  const others = all.map((one) => seen({ endedAt: (one.endedAt ?? 0) - 3 })).reverse();
  const found = settle(all, others, T + 600);
  expect(new Set(found.over.map((pair) => pair.seen)).size).toBe(50);
  expect(found.unhooked).toEqual([]);
});

test("an answer that the page never reads is over when the browser says so, after a while", () => {
  const [one, other] = [asked(), seen({ responseBytes: 700 })];
  expect(settle([one], [other], T + 490 + UNREAD_MS - 1).over).toEqual([]);
  expect(settle([one], [other], T + 490 + UNREAD_MS).over).toEqual([{ told: one, seen: other }]);
});

test("a long answer is not taken for a short one beside it", () => {
  const [long, unread] = [asked({ startedAt: T - 100 }), asked()];
  expect(settle([long, unread], [seen()], T + 490 + UNREAD_MS).over).toEqual([]);
});

test("what nobody speaks of any more is lost, and said to be", () => {
  const one = asked();
  expect(settle([one], [], T + FORGOTTEN_MS - 1).lost).toEqual([]);
  expect(settle([one], [], T + FORGOTTEN_MS).lost).toEqual([one]);
});

test("an end that is told again finds the first for ten minutes", () => {
  const one = told({ state: "done" });
  expect(settle([one], [], T + 500 + REMEMBERED_MS - 1)).toEqual({
    over: [],
    unhooked: [],
    ignored: [],
    lost: [],
    stale: [],
  });
  expect(settle([one], [], T + 500 + REMEMBERED_MS).stale).toEqual([one]);
});

test("an event says what was told, and whether it was streamed", () => {
  const event = eventOf(told({ id: "an-id", holdId: "a-hold", model: "gpt-4o" }), seen(), around);
  expect(event).toMatchObject({
    id: "an-id",
    occurred_at: new Date(T).toISOString(),
    provider_host: "chatgpt.com",
    endpoint: "/backend-api/conversation",
    request_bytes: 100,
    response_bytes: 900,
    streaming: true,
    duration_ms: 500,
    hold_id: "a-hold",
    model: "gpt-4o",
    source: "extension",
    application: "Chrome",
  });
  expect(event.input_low).toBeLessThanOrEqual(event.estimated_input_tokens);
  expect(event.estimated_output_tokens).toBeLessThanOrEqual(event.output_high);
});

test("what is not known is left out", () => {
  const event = eventOf(told(), undefined, around);
  expect(Object.keys(event)).not.toContain("model");
  expect(Object.keys(event)).not.toContain("hold_id");
  expect(Object.keys(event)).not.toContain("streaming");
});

test("of what only the browser saw, its own figures count", () => {
  const event = unhookedEventOf(
    seen({ startedAt: T, responseBytes: 1_234, streaming: false }),
    "an-id",
    around,
  );
  expect(event).toMatchObject({ id: "an-id", request_bytes: 0, response_bytes: 1_234, duration_ms: 490 });
});

test.each([
  ["net::ERR_BLOCKED_BY_CLIENT", true],
  ["net::ERR_CONNECTION_REFUSED", true],
  ["net::ERR_NAME_NOT_RESOLVED", true],
  ["net::ERR_ABORTED", false],
  [undefined, false],
])("%s: it never left: %s", (error, never) => {
  expect(neverLeft(seen(error === undefined ? {} : { error }))).toBe(never);
});
