import { expect, test } from "vitest";
import { agentCommand, extensionLink } from "./enrolling";

const HERE = "https://toktra.example.com";
const ADA = { token: "tk_enr_x", email: "ada+new@example.com" };

test("the agent's command names server, token and person", () => {
  expect(agentCommand(HERE, ADA)).toBe(
    "toktra-agent enroll https://toktra.example.com --token tk_enr_x --email ada+new@example.com",
  );
});

test("where nobody is named the command says where the e-mail goes, and the link leaves it out", () => {
  const made = { token: "tk_enr_x", email: null };
  expect(agentCommand(HERE, made)).toMatch(/ --email EMAIL$/);
  expect(extensionLink(HERE, made)).toBe("https://toktra.example.com/#token=tk_enr_x");
});

test("an e-mail that a shell would take apart stays one word", () => {
  expect(agentCommand(HERE, { ...ADA, email: "o'neill&co@example.com" })).toMatch(
    / --email 'o'\\''neill&co@example\.com'$/,
  );
});

test("the extension reads back from the link what was put in", () => {
  const { origin, pathname, hash } = new URL(extensionLink(HERE, ADA));
  const said = new URLSearchParams(hash.slice(1));
  expect([origin, pathname, said.get("token"), said.get("email")]).toEqual([HERE, "/", ADA.token, ADA.email]);
});
