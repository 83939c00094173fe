import { expect, test } from "vitest";
import { ACTIONS, didWhat, type Entry, KINDS, sentenceOf, whoOf } from "./words";

const ADA = "01a21417-d76b-730e-a9ad-e25bb6aa5bff";

function entry(changes: Partial<Entry>): Entry {
  const [target_kind = ""] = (changes.action ?? "user.changed").split(".");
  return {
    seq: 7,
    at: "2026-11-21T09:12:44.102938Z",
    actor_user_id: ADA,
    actor_email: "ada@example.com",
    credential_kind: "session",
    credential_id: ADA,
    request_id: "r",
    action: "user.changed",
    target_kind,
    target_id: "t",
    before: null,
    after: null,
    hash: "00",
    ...changes,
  };
}

test("an action reads as a sentence, one that nobody foresaw too", () => {
  expect(didWhat("user.suspended")).toBe("suspended the user");
  expect(didWhat("api_key.created")).toBe("made the API key");
  expect(didWhat("password.changed")).toBe("changed the password of");
  expect(didWhat("legal_hold.put_in_place")).toBe("put in place the legal hold");
});

test("the name is taken from the entry where it has one, else it can be looked up", () => {
  expect(sentenceOf(entry({ after: { name: "Grace" } })).subject).toEqual({
    kind: "user",
    id: "t",
    name: "Grace",
  });
  expect(sentenceOf(entry({ action: "budget.changed" })).subject).toEqual({
    kind: "budget",
    id: "t",
    name: null,
  });
  expect(sentenceOf(entry({ action: "api_key.revoked" })).subject).toEqual({
    kind: null,
    id: "t",
    name: null,
  });
});

test("a blocked request names its budget, not the pair of ids it is kept under", () => {
  const blocked = entry({
    action: "request.blocked",
    target_id: "u/b",
    after: { user_id: "u", budget_id: "b" },
  });
  expect(sentenceOf(blocked).subject).toEqual({ kind: "budget", id: "b", name: null });
});

test("who: the e-mail, whom a sign-in lets in, someone who is gone, or Toktra", () => {
  const nobody = { actor_email: null, actor_user_id: null };
  expect(whoOf(entry({}))).toEqual({ email: "ada@example.com" });
  expect(whoOf(entry({ ...nobody, action: "session.created", after: { user_id: ADA } }))).toEqual({
    userId: ADA,
  });
  expect(whoOf(entry({ actor_email: null }))).toEqual({ userId: ADA });
  expect(whoOf(entry({ ...nobody, credential_kind: "public" }))).toEqual({ word: "someone not signed in" });
  expect(whoOf(entry({ ...nobody, credential_kind: "command" }))).toEqual({ word: "Toktra itself" });
});

test("every action of the filter is done to a kind that has a word", () => {
  expect(ACTIONS.filter((action) => !((action.split(".")[0] as string) in KINDS))).toEqual([]);
  expect(new Set(ACTIONS).size).toBe(ACTIONS.length);
});
