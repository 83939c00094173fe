import { expect, test } from "vitest";
import { blockRules } from "@/core/blocking";
import { HOSTS } from "@/core/hosts";

const filters = blockRules().map((rule) => rule.condition.urlFilter);

/** What browsers make of a filter, as far as ours go. */
function takes(filter: string, url: string): boolean {
  const open = filter.replace(/^\|\|/, "").replace(/\|$/, "");
  const source = open
    .split("*")
    .map((part) => part.replace(/[.+?^${}()[\]\\]/g, "\\$&"))
    .join(".*");
  const start = filter.startsWith("||") ? "^[a-z]+://([^/]*\\.)?" : "";
  return new RegExp(start + source + (filter.endsWith("|") ? "$" : "")).test(url);
}
const blocked = (url: string) => filters.some((filter) => takes(filter, url));

test("every path of every host is closed, with a query and without", () => {
  for (const { pattern, names, paths } of HOSTS)
    for (const path of paths) {
      const host = pattern.replace("*", names?.[0] ?? "some");
      const url = `https://${host}${path.replace(/\{\w+\}/g, "a-1")}`;
      expect(blocked(url), url).toBe(true);
      expect(blocked(`${url}?a=b`), url).toBe(true);
      expect(blocked(url.replace("https", "wss")), url).toBe(true);
    }
});

test.each([
  "https://chatgpt.com/",
  "https://chatgpt.com/backend-api/conversations",
  "https://chatgpt.com/backend-api/conversation/5f1c",
  "https://example.com/v1/chat/completions",
])("%s stays open", (url) => {
  expect(blocked(url)).toBe(false);
});

test("what a browser refuses is not in the rules", () => {
  for (const filter of filters) expect(filter).not.toMatch(/^\|\|\*|^\*|[^ -~]/);
  expect(new Set(blockRules().map((rule) => rule.id)).size).toBe(filters.length);
});
