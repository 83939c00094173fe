/** The scopes that can be given to a program, in the order a form shows them, each in a sentence. Pure. */

import type { Scope } from "@/api/session";

/** `device` belongs to devices alone, and cannot be given. */
export type Grantable = Exclude<Scope, "device">;

const SENTENCES: Readonly<Record<Grantable, string>> = {
  "usage:read": "Read usage.",
  "events:write": "Send usage events.",
  "budgets:read": "Read budgets, rollovers and exemption requests.",
  "budgets:write": "Make, change and archive budgets; approve and deny exemptions.",
  "exemptions:ask": "Ask for an exemption.",
  preflight: "Ask before a request whether it may be made.",
  "alerts:read": "Read alerts.",
  "alerts:write": "Acknowledge and resolve alerts.",
  "people:read": "Read the organisation, its users and departments.",
  "people:write": "Change users and departments, and invite people.",
  "devices:read": "Read devices.",
  "devices:write": "Make enrolment tokens, and revoke devices.",
  "access:write": "Make and revoke API keys and OAuth clients.",
  "webhooks:read": "Read webhooks and what was sent to them.",
  "webhooks:write": "Make, change and archive webhooks, and send again.",
  "policies:read": "Read policies and their firings.",
  "policies:write": "Make, test, publish and archive policies.",
  "incidents:read": "Read incidents.",
  "incidents:write": "Open incidents, and work on them.",
  "risks:read": "Read risk events.",
  "risks:write": "Report risk events, and set up GitHub.",
  "perks:read": "Read Token Perks: tiers, who takes part, figures of many.",
  "perks:write": "Change tiers and bonus rules of Token Perks, enrol people, report achievements.",
  "audit:read": "Read the audit log.",
};

const GROUPS: readonly { title: string; scopes: readonly Grantable[] }[] = [
  { title: "Usage", scopes: ["usage:read", "events:write"] },
  { title: "Budgets", scopes: ["budgets:read", "budgets:write", "exemptions:ask", "preflight"] },
  { title: "Alerts", scopes: ["alerts:read", "alerts:write"] },
  { title: "Policies", scopes: ["policies:read", "policies:write"] },
  { title: "Incidents", scopes: ["incidents:read", "incidents:write"] },
  { title: "Risk events", scopes: ["risks:read", "risks:write"] },
  { title: "Token Perks", scopes: ["perks:read", "perks:write"] },
  { title: "People", scopes: ["people:read", "people:write"] },
  { title: "Devices", scopes: ["devices:read", "devices:write"] },
  { title: "Administration", scopes: ["access:write", "webhooks:read", "webhooks:write", "audit:read"] },
];

/** What programs may do that people may not. */
const OF_PROGRAMS: readonly Grantable[] = ["events:write", "preflight"];

type Offered = { scope: Grantable; sentence: string };

/** What someone with these scopes may hand on. */
export function offered(own: readonly string[]): { title: string; scopes: Offered[] }[] {
  const given = (scope: Grantable) => own.includes(scope) || OF_PROGRAMS.includes(scope);
  return GROUPS.map(({ title, scopes }) => ({
    title,
    scopes: scopes.filter(given).map((scope) => ({ scope, sentence: SENTENCES[scope] })),
  })).filter(({ scopes }) => scopes.length > 0);
}

export function isGrantable(scope: string): scope is Grantable {
  return scope in SENTENCES;
}
