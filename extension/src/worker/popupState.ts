/** What the popup shows, gathered in one look. */

import { covers, endsAt, type PrivacyHours } from "@/core/privacyHours";
import type { Standing } from "@/core/verdicts";
import type { Exemption } from "@/core/wire";
import { agentIsAlive, configured, identity, privacyHours, remembered } from "./state";
import { dropped, kept, type Sent, store } from "./store";

export interface Shown {
  enrolled: { email: string; server: string } | null;
  trouble: string | null;
  preflight: boolean;
  standing: Standing | null;
  closed: boolean;
  exemptions: Exemption[];
  todayTokens: number;
  waiting: number;
  privacyHours: PrivacyHours;
  coveredUntil: number | null;
  covered: boolean;
  agent: boolean;
  sent: Sent[];
  dropped: Record<string, number>;
}

export async function shown(now: number): Promise<Shown> {
  const [me, known, hours, all] = [await identity(), await configured(), await privacyHours(), await store()];
  const today = await kept<{ day: string; tokens: number }>("today");
  return {
    enrolled: me === undefined ? null : { email: me.email, server: me.server },
    trouble: (await remembered("trouble")) ?? null,
    preflight: known?.config.enforcement.preflight ?? false,
    standing: (await remembered("standing")) ?? null,
    closed: (await kept("closed")) !== undefined,
    exemptions: (await remembered("exemptions")) ?? [],
    todayTokens: today?.day === new Date(now).toDateString() ? today.tokens : 0,
    waiting: await all.count("queue"),
    privacyHours: hours,
    covered: covers(hours, now),
    coveredUntil: endsAt(hours, now),
    agent: await agentIsAlive(now),
    sent: (await all.getAll("sent")).reverse(),
    dropped: await dropped(),
  };
}
