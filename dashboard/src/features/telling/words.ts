/** Receivers and what they are told of, in words. Pure. */

import type { Delivery, NewWebhook, Webhook } from "./queries";

export const KINDS: Readonly<Record<Webhook["kind"], string>> = {
  signed: "A program of yours (signed webhook)",
  slack: "Slack, by an incoming webhook",
  slack_app: "Slack, by the connected app",
};

export const EVENTS: Readonly<Record<Webhook["events"][number], string>> = {
  "alert.created": "New alerts",
  "alert.resolved": "Resolved alerts",
  "policy.fired": "Policies that fire",
  "incident.opened": "New incidents",
  "incident.resolved": "Resolved incidents",
};

export type AlertKind = NonNullable<Webhook["alert_kinds"]>[number];

export const ALERT_KINDS: Readonly<Record<AlertKind, string>> = {
  budget_threshold: "A budget passes a threshold",
  budget_exceeded: "A budget is used up",
  policy_fired: "A policy fires",
  webhook_disabled: "A receiver is disabled",
};

const FAILURES: Readonly<Record<NonNullable<Delivery["last_failure"]>, string>> = {
  timeout: "no answer within ten seconds",
  unreachable: "no connection",
  unknown_host: "no such host",
  refused_address: "the host has an address inside your network",
  status: "answered",
  webhook_off: "the receiver was off",
  slack: "Slack says",
};

/** What became of the last try. */
export function failureSays({ last_failure, last_answer, last_error }: Delivery): string {
  if (last_failure === null) return "";
  const detail = { status: last_answer, slack: last_error }[last_failure as string];
  return detail === undefined ? FAILURES[last_failure] : `${FAILURES[last_failure]} ${detail}`;
}

/** What of the alerts it is told, where not all. */
export function narrowedTo({ alert_kinds, from_percent, below_percent }: Webhook): string {
  const kinds = alert_kinds?.map((one) => ALERT_KINDS[one].toLowerCase()).join(", ") ?? "";
  return [kinds, bandSays(from_percent, below_percent)].filter(Boolean).join("; ");
}

function bandSays(from: number | null, below: number | null): string {
  if (from !== null && below !== null) return `budgets from ${from}% to below ${below}%`;
  if (from !== null) return `budgets from ${from}%`;
  return below === null ? "" : `budgets below ${below}%`;
}

export type Filled = {
  name: string;
  kind: Webhook["kind"];
  where: string;
  events: string[];
  alert_kinds: string[];
  from_percent: number | "";
  below_percent: number | "";
};

/** The form as the API takes it. */
export function wantedOf(filled: Filled): NewWebhook {
  const { name, kind, where } = filled;
  const events = keysOf(EVENTS).filter((one) => filled.events.includes(one));
  const kinds = keysOf(ALERT_KINDS).filter((one) => filled.alert_kinds.includes(one));
  return {
    name: name.trim(),
    kind,
    events,
    ...(kind === "slack_app" ? { channel: where.trim() } : { url: where.trim() }),
    alert_kinds: kinds.length > 0 ? kinds : null,
    from_percent: filled.from_percent === "" ? null : filled.from_percent,
    below_percent: filled.below_percent === "" ? null : filled.below_percent,
  };
}

export function keysOf<K extends string>(words: Readonly<Record<K, string>>): K[] {
  return Object.keys(words) as K[];
}
