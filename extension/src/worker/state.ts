/**
 * What the worker knows between two wake-ups, as typed names over the store; tokens and the last verdict in the
 * browser's memory only.
 */

import { browser } from "wxt/browser";
import { NONE, type PrivacyHours, touches } from "@/core/privacyHours";
import type { Standing } from "@/core/verdicts";
import type { DeviceConfig, Exemption } from "@/core/wire";
import { kept } from "./store";

export interface Identity {
  server: string;
  deviceId: string;
  issuer: string;
  email: string;
  key: CryptoKeyPair;
  certificateNotAfter: string;
}

export interface Configured {
  config: DeviceConfig;
  etag: string | null;
}

/** What the agent on this device last said. */
export interface AgentHeard {
  at: number;
  /** Else its Privacy Hours hold all the same, and nothing is left to it. */
  running: boolean;
  privacyHours: boolean;
}

export const identity = () => kept<Identity>("identity");
export const configured = () => kept<Configured>("config");
export const privacyHours = async () => (await kept<PrivacyHours>("privacyHours")) ?? NONE;
export const agentHeard = () => kept<AgentHeard>("agent");
const AGENT_ALIVE_MS = 90_000;

export async function agentIsAlive(now: number): Promise<boolean> {
  const heard = await agentHeard();
  return heard?.running === true && now - heard.at < AGENT_ALIVE_MS;
}

/** Privacy Hours of this browser, or of the agent on this device. */
export function isPrivate(now: number): Promise<boolean> {
  return wasPrivate(now, now);
}

/** Whether any of a request was in them. */
export async function wasPrivate(first: number, last: number): Promise<boolean> {
  if (touches(await privacyHours(), first, last)) return true;
  const heard = await agentHeard();
  return heard?.privacyHours === true && last - heard.at < AGENT_ALIVE_MS;
}

export interface DeviceToken {
  text: string;
  until: number;
}

interface Remembered {
  token: DeviceToken;
  standing: Standing;
  trouble: string;
  /** What was asked for this person, as it last was. */
  exemptions: Exemption[];
  /** When it was last looked for in vain. */
  agentMissed: number;
  /** The warning that was last shown. */
  warned: { title: string; at: number };
}

/** In memory only: gone with the browser. */
export async function remembered<N extends keyof Remembered>(name: N): Promise<Remembered[N] | undefined> {
  return (await browser.storage.session.get(name))[name] as Remembered[N] | undefined;
}

export async function remember<N extends keyof Remembered>(name: N, value: Remembered[N]): Promise<void> {
  await browser.storage.session.set({ [name]: value });
}

export async function forgetRemembered(...names: (keyof Remembered)[]): Promise<void> {
  await browser.storage.session.remove(names);
}
