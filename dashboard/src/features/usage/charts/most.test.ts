import { expect, test } from "vitest";
import { most } from "./most";

const model = (name: string, total_tokens: number, provider_name = "OpenAI") => ({
  model: name,
  provider_name,
  total_tokens,
});

test("nothing is lost in what is left out", () => {
  const models = [5, 4, 3, 2, 1].map((tokens) => model(`m${tokens}`, tokens));
  const bars = most(models, 3);
  expect(bars.map((bar) => bar.name)).toEqual(["m5", "m4", "m3", "2 others"]);
  expect(bars.reduce((sum, bar) => sum + bar.total_tokens, 0)).toBe(15);
});

test("all of them where there is room", () => {
  expect(most([model("a", 2)], 3)).toEqual([{ name: "a", total_tokens: 2 }]);
  expect(most([], 3)).toEqual([]);
});

test("the same model of two providers is told apart", () => {
  expect(most([model("gpt-4o", 2), model("gpt-4o", 1, "Azure")], 3).map((bar) => bar.name)).toEqual([
    "gpt-4o, OpenAI",
    "gpt-4o, Azure",
  ]);
});
