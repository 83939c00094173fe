import { expect, test } from "vitest";
import type { Delivery, Webhook } from "./queries";
import { failureSays, narrowedTo, wantedOf } from "./words";

const EMPTY = { name: " Pager ", where: " https://a.example ", events: ["alert.created"], alert_kinds: [] };

test("a form becomes what the API takes: a channel for the app, an address for every other", () => {
  const open = { ...EMPTY, from_percent: "" as const, below_percent: "" as const };
  expect(wantedOf({ ...open, kind: "signed" })).toEqual({
    name: "Pager",
    kind: "signed",
    url: "https://a.example",
    events: ["alert.created"],
    alert_kinds: null,
    from_percent: null,
    below_percent: null,
  });
  const app = wantedOf({ ...open, kind: "slack_app", where: "#budgets", from_percent: 90 });
  expect([app.channel, app.url, app.from_percent]).toEqual(["#budgets", undefined, 90]);
});

test("what a receiver is told of the alerts is said where it is not all", () => {
  const all = { alert_kinds: null, from_percent: null, below_percent: null } as Webhook;
  expect(narrowedTo(all)).toBe("");
  expect(narrowedTo({ ...all, from_percent: 70, below_percent: 90 })).toBe("budgets from 70% to below 90%");
  expect(narrowedTo({ ...all, alert_kinds: ["budget_exceeded"], from_percent: 90 })).toBe(
    "a budget is used up; budgets from 90%",
  );
});

test("a failure says what was answered, and Slack's own word", () => {
  const tried = { last_failure: null, last_answer: null, last_error: null } as Delivery;
  expect(failureSays(tried)).toBe("");
  expect(failureSays({ ...tried, last_failure: "status", last_answer: 500 })).toBe("answered 500");
  expect(
    failureSays({ ...tried, last_failure: "slack", last_answer: 200, last_error: "not_in_channel" }),
  ).toBe("Slack says not_in_channel");
  expect(failureSays({ ...tried, last_failure: "timeout" })).toBe("no answer within ten seconds");
});
