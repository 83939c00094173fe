/** Entries of the audit log in plain words. Pure. */

import type { Schemas } from "@/api/client";
import type { NamedKind } from "@/ui/Named";

export type Entry = Schemas["AuditEntryAnswer"];

/** What an entry was done to: a name where the entry has one, else what to look it up by. */
export type Subject = { kind: NamedKind | null; id: string; name: string | null };

export type Sentence = { did: string; subject: Subject | null };

/** What is changed, as the API calls it, and as people do. */
export const KINDS: Readonly<Record<string, string>> = {
  alert: "alert",
  api_key: "API key",
  block: "block",
  budget: "budget",
  department: "department",
  device: "device",
  device_authority: "device CA",
  device_certificate: "device certificate",
  enrollment_token: "enrolment token",
  exemption: "exemption",
  github_identity: "login on GitHub",
  github_integration: "GitHub integration",
  incident: "incident",
  incident_link: "link of an incident",
  invitation: "invitation",
  mail_choice: "choice of mails",
  oauth_client: "OAuth client",
  organization: "organisation",
  password: "password",
  policy: "policy",
  request: "blocked requests",
  risk_event: "risk event",
  session: "sign-in",
  slack_app: "Slack app",
  user: "user",
  webhook: "webhook",
};

const VERBS: Readonly<Record<string, string>> = {
  created: "made",
  reactivated: "let back in",
  denied: "denied",
};

/** Where "made the …" is not how one says it. */
const PHRASES: Readonly<Record<string, string>> = {
  "session.created": "signed in",
  "password.created": "set the first password of",
  "password.changed": "changed the password of",
  "invitation.created": "made an invitation for",
  "invitation.changed": "made a new invitation for",
  "invitation.deleted": "ended the invitation of",
  "exemption.created": "asked for an exemption for",
  "device.created": "enrolled or expected the device",
  "request.blocked": "was blocked by the budget",
  "policy.shadow": "let run in shadow the policy",
  "policy.draft": "took back to a draft the policy",
  "block.created": "blocked requests, with the block",
  "block.changed": "lifted the block",
  "slack_app.created": "connected the Slack app",
  "slack_app.deleted": "disconnected the Slack app",
};

const LOOKED_UP: Readonly<Record<string, NamedKind>> = {
  user: "user",
  password: "user",
  invitation: "user",
  budget: "budget",
  device: "device",
  department: "department",
};

/** Every action that the log can hold today, for the filter. */
export const ACTIONS: readonly string[] = [
  ...["alert.acknowledged", "alert.resolved"],
  ...["api_key.created", "api_key.revoked", "oauth_client.created", "oauth_client.revoked"],
  ...["budget.created", "budget.changed", "budget.archived", "request.blocked"],
  ...["exemption.created", "exemption.approved", "exemption.denied"],
  ...["department.created", "department.changed", "department.deleted"],
  ...["device.created", "device.changed", "device.revoked", "device_certificate.created"],
  ...["device_certificate.revoked", "device_authority.created"],
  ...["enrollment_token.created", "enrollment_token.revoked", "organization.changed"],
  ...["user.created", "user.changed", "user.suspended", "user.reactivated"],
  ...["invitation.created", "invitation.changed", "invitation.deleted"],
  ...["password.created", "password.changed", "session.created"],
  ...["policy.created", "policy.changed", "policy.shadow", "policy.published", "policy.disabled"],
  ...["policy.archived", "block.created", "block.changed"],
  ...["incident.created", "incident.changed", "incident_link.created", "incident_link.deleted"],
  ...["risk_event.created", "github_integration.created", "github_integration.changed"],
  ...["github_integration.archived", "github_identity.created", "github_identity.changed"],
  ...["github_identity.deleted", "webhook.created", "webhook.changed", "webhook.disabled"],
  ...["webhook.reactivated", "webhook.archived", "slack_app.created", "slack_app.changed"],
  ...["slack_app.deleted", "mail_choice.created", "mail_choice.changed"],
];

export function kindWord(kind: string): string {
  return KINDS[kind] ?? kind.replaceAll("_", " ");
}

/** "suspended the user", and whom. */
export function sentenceOf(entry: Entry): Sentence {
  const phrase = didWhat(entry.action);
  return { did: phrase, subject: entry.action === "session.created" ? null : subjectOf(entry) };
}

/** What was done, without whom to: also how the filter calls an action. */
export function didWhat(action: string): string {
  const [kind = "", verb = ""] = action.split(".");
  return PHRASES[action] ?? `${VERBS[verb] ?? verb.replaceAll("_", " ")} the ${kindWord(kind)}`;
}

function subjectOf(entry: Entry): Subject {
  if (entry.action === "request.blocked")
    return { kind: "budget", id: said(entry, "budget_id") ?? "", name: null };
  if (entry.target_kind === "exemption" && said(entry, "user_id"))
    return { kind: "user", id: said(entry, "user_id") ?? "", name: null };
  const name = said(entry, "name") ?? said(entry, "hostname") ?? said(entry, "title");
  return { kind: LOOKED_UP[entry.target_kind] ?? null, id: entry.target_id, name };
}

function said(entry: Entry, field: string): string | null {
  const value = entry.after?.[field] ?? entry.before?.[field];
  return typeof value === "string" && value !== "" ? value : null;
}

export type Who = { email: string } | { userId: string } | { word: string };

/** Who did it. A sign-in has no credential yet: it is by whom it lets in. */
export function whoOf(entry: Entry): Who {
  if (entry.actor_email) return { email: entry.actor_email };
  const lets = entry.action === "session.created" ? said(entry, "user_id") : null;
  const userId = entry.actor_user_id ?? lets;
  if (userId) return { userId };
  return { word: entry.credential_kind === "public" ? "someone not signed in" : "Toktra itself" };
}

const CREDENTIALS: Readonly<Record<string, string>> = {
  session: "the dashboard",
  api_key: "API key",
  client: "OAuth client",
  device: "device",
  public: "not signed in yet",
  command: "command or database",
  server: "the server's own work",
};

export function credentialWord(kind: string): string {
  return CREDENTIALS[kind] ?? kind.replaceAll("_", " ");
}
