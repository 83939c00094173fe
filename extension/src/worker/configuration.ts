/** The device's configuration, polled with its ETag; and what pages may know of it. */

import { browser } from "wxt/browser";
import type { Present } from "@/core/messages";
import type { DeviceConfig } from "@/core/wire";
import { asDevice } from "./server";
import { configured, identity } from "./state";
import { keep } from "./store";

const NO_CERTIFICATE = "";

/** Ask for the configuration; the last one stays for when the server is away. */
export async function fetchConfig(): Promise<void> {
  const before = await configured();
  const headers = before?.etag ? { "If-None-Match": before.etag } : {};
  const answer = await asDevice("GET", "/v1/devices/me/config", undefined, headers);
  if (answer.status === 304) return;
  const config = (await answer.json()) as DeviceConfig;
  await keep("config", { config, etag: answer.headers.get("etag") });
  await noteCertificate(config.certificate_not_after);
  await publish();
}

/** What pages may know before the worker has said anything: whether to ask, and what to do without an answer. */
export async function publish(): Promise<void> {
  const [me, known] = [await identity(), await configured()];
  const present: Present = {
    active: me !== undefined && known !== undefined,
    whenUnsure: known?.config.enforcement.preflight ? known.config.enforcement.when_unsure : "allow",
  };
  await browser.storage.local.set({ present });
}

async function noteCertificate(notAfter: string): Promise<void> {
  const me = await identity();
  if (me !== undefined && notAfter !== NO_CERTIFICATE)
    await keep("identity", { ...me, certificateNotAfter: notAfter });
}
