import { expect, test } from "vitest";
import { agentCommand, extensionLink } from "./enrolling";

const HERE = "https://toktra.example.com";
const ADA = { token: "tk_enr_x", email: "ada+new@example.com" };
const CODE = "K7QM2-XHD4T";

test("the agent's command names server, token and person", () => {
  expect(agentCommand(HERE, ADA)).toBe(
    "toktra-agent enroll https://toktra.example.com --token tk_enr_x --email ada+new@example.com",
  );
});

test("where nobody is named the command says where the e-mail goes, and the link leaves it out", () => {
  const made = { token: "tk_enr_x", email: null };
  expect(agentCommand(HERE, made)).toMatch(/ --email EMAIL$/);
  expect(extensionLink(HERE, null, { code: CODE })).toBe(`https://toktra.example.com/#code=${CODE}`);
});

test("an e-mail that a shell would take apart stays one word", () => {
  expect(agentCommand(HERE, { ...ADA, email: "o'neill&co@example.com" })).toMatch(
    / --email 'o'\\''neill&co@example\.com'$/,
  );
});

test.each([{ token: ADA.token }, { code: CODE }])("the extension reads %o back from the link", (by) => {
  const { origin, pathname, hash } = new URL(extensionLink(HERE, ADA.email, by));
  const said = Object.fromEntries(new URLSearchParams(hash.slice(1)));
  expect([origin, pathname, said]).toEqual([HERE, "/", { ...by, email: ADA.email }]);
});
