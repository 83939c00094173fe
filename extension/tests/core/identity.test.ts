import { execFileSync } from "node:child_process";
import { expect, test } from "vitest";
import { newKey, proof, signingRequest } from "@/core/identity";
import { isUuid, uuid7 } from "@/core/uuid7";

const NOW = Date.parse("2026-11-26T10:00:00Z");
const fromBase64Url = (text: string) => Buffer.from(text, "base64url");

test("I1: the private key cannot be exported", async () => {
  const { privateKey } = await newKey();
  expect(privateKey.extractable).toBe(false);
  await expect(crypto.subtle.exportKey("pkcs8", privateKey)).rejects.toThrow();
});

test("the signing request is one that others can read, signed by its own key", async () => {
  const key = await newKey();
  for (const name of ["Chrome on linux", "x".repeat(200), "Änne's Gerät"]) {
    const text = await signingRequest(key, name);
    const said = execFileSync("openssl", ["req", "-verify", "-noout", "-subject", "-nameopt", "utf8"], {
      input: text,
      stdio: ["pipe", "pipe", "pipe"],
    });
    expect(said.toString()).toContain(name.slice(0, 64));
  }
});

test("I2: a proof is signed by the key, for two minutes, under its own id", async () => {
  const key = await newKey();
  const text = await proof(key, {
    deviceId: "a-device",
    issuer: "https://t.example.com",
    now: NOW,
    id: "an-id",
  });
  const [head = "", claims = "", signature = ""] = text.split(".");
  expect(JSON.parse(fromBase64Url(head).toString())).toEqual({ alg: "ES256", typ: "JWT" });
  expect(JSON.parse(fromBase64Url(claims).toString())).toEqual({
    iss: "a-device",
    sub: "a-device",
    aud: "https://t.example.com",
    iat: NOW / 1000,
    exp: NOW / 1000 + 120,
    jti: "an-id",
  });
  const signed = new TextEncoder().encode(`${head}.${claims}`);
  const good = { name: "ECDSA", hash: "SHA-256" };
  const bytes = new Uint8Array(fromBase64Url(signature));
  expect(await crypto.subtle.verify(good, key.publicKey, bytes, signed)).toBe(true);
});

test("an event's id carries the time, its version and its variant", () => {
  const id = uuid7(NOW);
  expect(isUuid(id)).toBe(true);
  expect(Number.parseInt(id.replace("-", "").slice(0, 12), 16)).toBe(NOW);
  expect(id[14]).toBe("7");
  expect("89ab").toContain(id[19]);
  expect(uuid7(NOW)).not.toBe(id);
});
