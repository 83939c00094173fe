/**
 * The browser's identity: a P-256 key that cannot leave it, a signing request, and short-lived proofs.
 *
 * I1: the private key cannot be exported, by us neither; it is kept as a key, never as bytes.
 * I2: a proof (RFC 7523 assertion, ES256) is good for one use and two minutes.
 */

import { attributes, type Bytes, bits, integer, sequence, set, utf8 } from "./der";

export const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer";
const CURVE = { name: "ECDSA", namedCurve: "P-256" } as const;
const SIGNING = { name: "ECDSA", hash: "SHA-256" } as const;
const PROOF_SECONDS = 120;
const LONGEST_NAME = 64;
const COMMON_NAME = Uint8Array.of(0x06, 0x03, 0x55, 0x04, 0x03);
const ECDSA_WITH_SHA256 = Uint8Array.of(0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02);
const VERSION_1 = integer(Uint8Array.of(0));

export function newKey(): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(CURVE, false, ["sign", "verify"]);
}

/** A PEM certificate signing request (RFC 2986) for this key. */
export async function signingRequest(key: CryptoKeyPair, name: string): Promise<string> {
  const subject = sequence(set(sequence(COMMON_NAME, utf8(name.slice(0, LONGEST_NAME)))));
  const publicKey = new Uint8Array(await crypto.subtle.exportKey("spki", key.publicKey));
  const asked = sequence(VERSION_1, subject, publicKey, attributes());
  const signature = await sign(key, asked);
  const signed = sequence(integer(signature.slice(0, 32)), integer(signature.slice(32)));
  return pem("CERTIFICATE REQUEST", sequence(asked, sequence(ECDSA_WITH_SHA256), bits(signed)));
}

export interface Claims {
  deviceId: string;
  issuer: string;
  now: number;
  id: string;
}

/** A signed JWT for POST /v1/oauth/token. */
export async function proof(key: CryptoKeyPair, { deviceId, issuer, now, id }: Claims): Promise<string> {
  const seconds = Math.floor(now / 1000);
  const claims = {
    iss: deviceId,
    sub: deviceId,
    aud: issuer,
    iat: seconds,
    exp: seconds + PROOF_SECONDS,
    jti: id,
  };
  const said = [{ alg: "ES256", typ: "JWT" }, claims].map((part) => base64Url(encoded(JSON.stringify(part))));
  const text = said.join(".");
  return `${text}.${base64Url(await sign(key, encoded(text)))}`;
}

async function sign(key: CryptoKeyPair, bytes: Bytes): Promise<Bytes> {
  return new Uint8Array(await crypto.subtle.sign(SIGNING, key.privateKey, bytes));
}

function encoded(text: string): Bytes {
  return new TextEncoder().encode(text);
}

function base64(bytes: Bytes): string {
  return btoa(String.fromCharCode(...bytes));
}

function base64Url(bytes: Bytes): string {
  return base64(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function pem(label: string, bytes: Bytes): string {
  const lines = base64(bytes).match(/.{1,64}/g) ?? [];
  return `-----BEGIN ${label}-----\n${lines.join("\n")}\n-----END ${label}-----\n`;
}
