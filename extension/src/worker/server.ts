/** Talking to the Toktra server: one way in, with a device token that is fetched when it is needed. */

import { JWT_BEARER, proof } from "@/core/identity";
import { uuid7 } from "@/core/uuid7";
import { type DeviceToken, forgetRemembered, type Identity, identity, remember, remembered } from "./state";

/** The server refused, or could not be reached (status 0). */
export class ServerTrouble extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly retryAfterSeconds = 0,
  ) {
    super(message);
  }
}

export class NotEnrolled extends Error {}

const ANSWERED_WITHIN_MS = 20_000;
const EARLY_MS = 60_000;

let fetching: Promise<DeviceToken> | undefined;

/** One request as this device. A token that has ended is fetched anew, once. */
export async function asDevice(
  method: string,
  path: string,
  body?: unknown,
  headers = {},
): Promise<Response> {
  const me = await identity();
  if (me === undefined) throw new NotEnrolled("This browser is not enrolled.");
  const answer = await withToken(me, method, path, body, headers);
  if (answer.status !== 401) return checked(answer);
  await forgetRemembered("token");
  return checked(await withToken(me, method, path, body, headers));
}

/** One request without a credential. */
export async function asAnyone(server: string, path: string, body: unknown): Promise<Response> {
  return checked(await send(`${server}${path}`, { method: "POST", ...json(body) }));
}

async function withToken(me: Identity, method: string, path: string, body: unknown, more: HeadersInit) {
  const { text } = await deviceToken(me);
  const { headers, ...content } = json(body);
  const all = { ...headers, ...more, Authorization: `Bearer ${text}` };
  return send(`${me.server}${path}`, { method, ...content, headers: all });
}

async function deviceToken(me: Identity): Promise<DeviceToken> {
  const token = await remembered("token");
  if (token !== undefined && Date.now() < token.until - EARLY_MS) return token;
  fetching ??= fetchToken(me).finally(() => {
    fetching = undefined;
  });
  return fetching;
}

async function fetchToken({ server, deviceId, issuer, key }: Identity): Promise<DeviceToken> {
  const now = Date.now();
  const assertion = await proof(key, { deviceId, issuer, now, id: uuid7(now) });
  const body = new URLSearchParams({ grant_type: JWT_BEARER, assertion });
  const answer = await checked(await send(`${server}/v1/oauth/token`, { method: "POST", body })).catch(
    refused,
  );
  const { access_token, expires_in } = await answer.json();
  const token = { text: String(access_token), until: now + Number(expires_in) * 1000 };
  await remember("token", token);
  return token;
}

/** A device that is not believed any more: nothing is wrong with what it was about to say. */
function refused(trouble: ServerTrouble): never {
  if (trouble.status !== 400) throw trouble;
  throw new ServerTrouble(401, trouble.message);
}

function json(body: unknown): { body?: string; headers: Record<string, string> } {
  if (body === undefined) return { headers: {} };
  return { body: JSON.stringify(body), headers: { "Content-Type": "application/json" } };
}

async function send(url: string, init: RequestInit): Promise<Response> {
  try {
    const signal = AbortSignal.timeout(ANSWERED_WITHIN_MS);
    return await fetch(url, {
      ...init,
      signal,
      credentials: "omit",
      redirect: "error",
      referrerPolicy: "no-referrer",
    });
  } catch {
    throw new ServerTrouble(0, "The Toktra server cannot be reached.");
  }
}

async function checked(answer: Response): Promise<Response> {
  if (answer.ok || answer.status === 304) return answer;
  const said = await answer.json().catch(() => ({}));
  const message = said.message ?? said.error_description ?? `The Toktra server answered ${answer.status}.`;
  throw new ServerTrouble(answer.status, String(message), Number(answer.headers.get("retry-after")) || 0);
}
