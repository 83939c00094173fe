import { expect, test } from "vitest";
import { entrySays } from "./words";

test.each([
  ["opened", {}, "Opened"],
  ["state", { from: "open", to: "resolved" }, "The state: open → resolved"],
  ["owner", { from: null, to: "x" }, "Has a new owner"],
  ["owner", { from: "x", to: null }, "Has no owner any more"],
  ["linked", { kind: "risk_event" }, "Linked: risk event"],
  ["comment", { text: "I look at it" }, "Comment"],
] as const)("%s %o: %s", (kind, details, said) => {
  expect(entrySays({ kind, details })).toBe(said);
});
