/** Enrolment, and the certificate's renewal. The key is made here and never leaves (I1 of core/identity). */

import { browser } from "wxt/browser";
import { type Asked, readManaged } from "@/core/enrolling";
import { newKey, signingRequest } from "@/core/identity";
import { application } from "./browserName";
import { open } from "./closing";
import { flushNow } from "./sending";
import { asAnyone, asDevice } from "./server";
import { forgetRemembered, type Identity, identity } from "./state";
import { countDropped, emptied, keep } from "./store";

const RENEW_BEFORE_MS = 30 * 24 * 3600 * 1000;

/** Become a device of the organisation behind this token. What waits for the one before is sent first. */
export async function enrol({ server, token, email }: Asked): Promise<Identity> {
  await flushNow();
  const key = await newKey();
  const name = await deviceName();
  const { os } = await browser.runtime.getPlatformInfo();
  const answer = await asAnyone(server, "/v1/devices/enroll", {
    token,
    csr: await signingRequest(key, name),
    hostname: name,
    platform: os,
    agent_version: `extension ${browser.runtime.getManifest().version}`,
    user_email: email,
  });
  const { device_id, issuer, not_after } = await answer.json();
  const me = { server, email, key, deviceId: device_id, issuer, certificateNotAfter: not_after };
  await startAnew(me);
  return me;
}

/** What was seen for whoever was here before is not sent as this device's, and counted where it could not be sent. */
async function startAnew(me: Identity): Promise<void> {
  await open();
  const unsent = await emptied();
  if (unsent > 0) await countDropped("not sent before this browser was enrolled anew", unsent);
  await keep("identity", me);
  await forgetRemembered("token", "standing", "trouble", "warned", "exemptions");
}

/** By policy: once, when the organisation has set all three and this browser is nobody yet. */
export async function enrolByPolicy(): Promise<Identity | undefined> {
  const asked = readManaged(await browser.storage.managed.get(null).catch(() => ({})));
  if (asked === null || (await identity()) !== undefined) return undefined;
  return enrol(asked);
}

export async function renewInTime(now: number): Promise<void> {
  const me = await identity();
  if (me === undefined || Date.parse(me.certificateNotAfter) - now > RENEW_BEFORE_MS) return;
  const csr = await signingRequest(me.key, await deviceName());
  const { not_after } = await (await asDevice("POST", "/v1/devices/me/certificate", { csr })).json();
  await keep("identity", { ...me, certificateNotAfter: not_after });
}

async function deviceName(): Promise<string> {
  const { os } = await browser.runtime.getPlatformInfo();
  return `${application()} on ${os}`;
}
