import { expect, test } from "vitest";
import { pageMessage } from "@/core/messages";
import { uuid7 } from "@/core/uuid7";

const ASK = {
  id: uuid7(Date.now()),
  host: "chatgpt.com",
  path: "/backend-api/conversation",
  transport: "http",
  startedAt: 1_800_000_000_000,
  requestBytes: 10,
};
const END = { ...ASK, endedAt: 1_800_000_000_500, responseBytes: 20, sent: true };

test("a question and an end are taken", () => {
  expect(pageMessage({ kind: "ask", request: ASK })).toEqual({ kind: "ask", request: ASK });
  expect(pageMessage({ kind: "end", request: END })).toEqual({ kind: "end", request: END });
  expect(pageMessage({ kind: "end", request: { ...END, responseEvents: 3 } })?.request).toHaveProperty(
    "responseEvents",
    3,
  );
});

test("M1: what a message has beside its fields is left behind", () => {
  const taken = pageMessage({ kind: "end", request: { ...END, prompt: "secret" }, body: "secret" });
  expect(JSON.stringify(taken)).not.toContain("secret");
});

test.each([
  ["id", "not an id"],
  ["host", "example.com"],
  ["path", "/backend-api/conversation/my-secret"],
  ["model", "my secret"],
  ["transport", "carrier pigeon"],
  ["startedAt", "yesterday"],
  ["requestBytes", -1],
  ["requestBytes", 1.5],
  ["requestBytes", 2 ** 41],
])("M1: a %s that is %s is no message", (field, value) => {
  expect(pageMessage({ kind: "ask", request: { ...ASK, [field]: value } })).toBeNull();
});

test.each([
  ["endedAt", "soon"],
  ["responseBytes", -1],
  ["sent", "yes"],
])("M1: an end whose %s is %s is no message", (field, value) => {
  expect(pageMessage({ kind: "end", request: { ...END, [field]: value } })).toBeNull();
});

test.each([
  null,
  7,
  "ask",
  {},
  { kind: "ask" },
  { kind: "enrol", request: ASK },
  { kind: "end", request: ASK },
])("%o is no message", (said) => {
  expect(pageMessage(said)).toBeNull();
});
