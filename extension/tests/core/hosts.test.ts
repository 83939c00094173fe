import { expect, test } from "vitest";
import {
  endpointOf,
  HOSTS,
  hostPatterns,
  isServed,
  knownEndpoint,
  matches,
  matchPatterns,
  servedHosts,
} from "@/core/hosts";

const of = (url: string) => endpointOf(new URL(url));

test.each([
  ["https://chatgpt.com/backend-api/conversation", "/backend-api/conversation"],
  ["https://chatgpt.com/backend-api/conversation?secret=1#x", "/backend-api/conversation"],
  ["https://CHATGPT.com/backend-api/f/conversation", "/backend-api/f/conversation"],
  ["wss://api.openai.com/v1/realtime?model=gpt-4o", "/v1/realtime"],
  [
    "https://claude.ai/api/organizations/7f3a/chat_conversations/91bc/completion",
    "/api/organizations/{id}/chat_conversations/{id}/completion",
  ],
  [
    "https://us-east5-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/g/models/m-1:predict",
    "/v1/projects/{id}/locations/{id}/publishers/{id}/models/{model}:predict",
  ],
])("%s is %s", (url, path) => {
  expect(of(url)?.path).toBe(path);
});

test.each([
  "https://chatgpt.com/backend-api/conversations",
  "https://chatgpt.com/backend-api/conversation/5f1c",
  "https://chatgpt.com/",
  "http://chatgpt.com/backend-api/conversation",
  "https://chatgpt.com:8443/backend-api/conversation",
  "https://chatgpt.com.example.com/backend-api/conversation",
  "https://evil-chatgpt.com/backend-api/conversation",
  "https://example.com/v1/chat/completions",
  "https://moon-aiplatform.googleapis.com/v1/projects/p/locations/l/publishers/g/models/m:predict",
])("H1: %s is none of ours", (url) => {
  expect(of(url)).toBeNull();
});

test.each([
  ["gemini-2.5-pro", "gemini-2.5-pro"],
  ["a secret", undefined],
  ["arn%3Aaws%2F1234", undefined],
  [`${"x".repeat(81)}`, undefined],
])("H1: of a model's name only a name is kept: %s", (segment, model) => {
  const url = `https://generativelanguage.googleapis.com/v1beta/models/${segment}:generateContent`;
  expect(of(url)?.model).toBe(model);
});

test("a message can only name an endpoint out of the list", () => {
  expect(knownEndpoint("chatgpt.com", "/backend-api/conversation", undefined)?.provider).toBe("openai");
  expect(knownEndpoint("chatgpt.com", "/backend-api/conversation/my-secret", undefined)).toBeNull();
  expect(knownEndpoint("example.com", "/backend-api/conversation", undefined)).toBeNull();
  expect(knownEndpoint("chatgpt.com", "/backend-api/conversation", "two words")).toBeNull();
  expect(knownEndpoint("chatgpt.com", 7, undefined)).toBeNull();
});

test("H2: the server narrows the list", () => {
  expect(isServed([{ pattern: "*.openai.azure.com" }], "acme.openai.azure.com")).toBe(true);
  expect(isServed([{ pattern: "*.openai.azure.com" }], "chatgpt.com")).toBe(false);
  expect(isServed([], "chatgpt.com")).toBe(false);
});

test("a star stands for one character or more", () => {
  expect(matches("*.cursor.sh", ".cursor.sh")).toBe(false);
  expect(matches("*.cursor.sh", "a.cursor.sh")).toBe(true);
  expect(matches("claude.ai", "claude.aid")).toBe(false);
});

test("a browser's pattern has a star only as its first label", () => {
  for (const pattern of hostPatterns()) expect(pattern).toMatch(/^(\*\.)?[a-z0-9-]+(\.[a-z0-9-]+)+$/);
  expect(matchPatterns(["https", "wss"]).length).toBe(2 * hostPatterns().length);
});

test("each path class can be sent: the wire takes no other text", () => {
  for (const { paths } of HOSTS)
    for (const path of paths) {
      expect(path).toMatch(/^\/[A-Za-z0-9._:/{}-]*$/);
      expect(path.length).toBeLessThanOrEqual(120);
    }
});

test("H2: what the server does not count is not closed either", () => {
  const served = [{ pattern: "api.openai.com" }, { pattern: "europe-west4-aiplatform.googleapis.com" }];
  expect(servedHosts(served).map(({ pattern }) => pattern)).toEqual([
    "api.openai.com",
    "*-aiplatform.googleapis.com",
  ]);
  expect(servedHosts([])).toEqual([]);
  expect(servedHosts(HOSTS)).toEqual(HOSTS);
});
