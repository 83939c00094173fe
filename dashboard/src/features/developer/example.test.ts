import { expect, test } from "vitest";
import { clientExample, keyExample } from "./example";
import { isGrantable, offered } from "./scopes";

const HERE = "https://toktra.example.com";

test("an example does what the key may do", () => {
  expect(keyExample(["people:read"], HERE, "tk_key_x")).toBe(
    `curl -H "Authorization: Bearer tk_key_x" \\\n  'https://toktra.example.com/v1/users?limit=5'`,
  );
});

test("a check before a request carries a body that is JSON", () => {
  const [, body = ""] = /-d '(.+)'/.exec(keyExample(["preflight"], HERE, "k") ?? "") ?? [];
  expect(JSON.parse(body)).toMatchObject({ provider: "openai", estimated_tokens: 500 });
});

test("where every allowed request would change something there is no example", () => {
  expect(keyExample(["events:write", "budgets:write"], HERE, "k")).toBeUndefined();
});

test("a client's example sends both halves of its credential", () => {
  expect(clientExample(HERE, "id-1", "secret-1")).toMatch(
    /client_id=id-1 [\s\S]+client_secret=secret-1 [\s\S]+'https:\/\/toktra\.example\.com\/v1\/oauth\/token'$/,
  );
});

test("nobody is offered a scope that they do not have, but those of programs", () => {
  const scopes = offered(["usage:read"]).flatMap((group) => group.scopes.map(({ scope }) => scope));
  expect(scopes).toEqual(["usage:read", "events:write", "preflight"]);
});

test("the scope of devices cannot be given", () => {
  expect(isGrantable("device")).toBe(false);
  expect(
    offered(["device"])
      .flatMap(({ scopes }) => scopes)
      .some(({ scope }) => !isGrantable(scope)),
  ).toBe(false);
});
