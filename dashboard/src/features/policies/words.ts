/** What policies say, in words; and what a new part of one begins with. Pure. */

import type { Schemas } from "@/api/client";
import { exact } from "@/lib/format";
import type { Policy } from "./queries";

export type Condition = Policy["conditions"];
export type Group = Schemas["All"] | Schemas["Any"];
export type Leaf = Exclude<Condition, Group>;
export type Match = Leaf["match"];
export type Trigger = Policy["trigger"];
export type Action = Policy["actions"][number];
export type Draft = Pick<Policy, "name" | "description" | "trigger" | "actions" | "severity"> & {
  conditions: Group;
};

export const STATUS: Record<Policy["status"], { word: string; color: string; about: string }> = {
  draft: { word: "draft", color: "gray", about: "It does nothing until it is published." },
  shadow: { word: "on paper", color: "blue", about: "Its firings are listed, and nothing is done." },
  published: { word: "published", color: "teal", about: "It acts." },
  disabled: { word: "disabled", color: "gray", about: "It does nothing." },
};

export const TRIGGERS: Record<Trigger["type"], string> = {
  token_budget_exceeded: "Token budget exceeded",
  department_threshold: "Department threshold",
  unusual_usage: "Unusual usage pattern",
  ip_risk_event: "IP risk event",
};

export const ACTIONS: Record<Action["type"], string> = {
  email_user: "Mail to the user",
  email_manager: "Mail to their manager",
  block: "Block the user's requests",
  create_incident: "Open an incident",
  webhook: "Call a webhook",
};

export const MATCHES: Record<Match, string> = {
  risk_level: "Risk level",
  user_id: "User",
  department_id: "Department",
  token_count: "Tokens of the request",
  time_of_day: "Time of day",
  model: "Model",
  provider: "Provider",
};

export const OPERATORS: Record<string, string> = {
  equals: "is",
  in: "is one of",
  not_in: "is none of",
  greater: "is more than",
  less: "is less than",
  between: "is between",
  within_hours: "is within",
};

const LISTING = ["equals", "in", "not_in"];
const OPERATORS_OF: Record<Match, readonly string[]> = {
  risk_level: [...LISTING, "greater", "less"],
  user_id: LISTING,
  department_id: LISTING,
  token_count: ["equals", "greater", "less", "between"],
  time_of_day: ["within_hours"],
  model: LISTING,
  provider: LISTING,
};

export const operatorsOf = (match: Match) => OPERATORS_OF[match];

/** What can be asked of the events of a trigger. */
export function matchesOf(trigger: Trigger["type"]): Match[] {
  const all = Object.keys(MATCHES) as Match[];
  const ofUsage: Match[] = ["token_count", "model", "provider"];
  return all.filter((match) =>
    trigger === "ip_risk_event" ? !ofUsage.includes(match) : match !== "risk_level",
  );
}

const BEGIN: Record<Match, Leaf> = {
  risk_level: { match: "risk_level", operator: "equals", value: "high" },
  user_id: { match: "user_id", operator: "in", value: [] },
  department_id: { match: "department_id", operator: "in", value: [], below: true },
  token_count: { match: "token_count", operator: "greater", value: 10_000 },
  time_of_day: {
    match: "time_of_day",
    operator: "within_hours",
    value: { start: "18:00", end: "08:00" },
    weekdays: ["mon", "tue", "wed", "thu", "fri", "sat", "sun"],
  },
  model: { match: "model", operator: "in", value: [] },
  provider: { match: "provider", operator: "in", value: [] },
};

export const newLeaf = (match: Match): Leaf => BEGIN[match];

/** The values of a condition that lists some. */
export function valuesOf(value: unknown): string[] {
  return (Array.isArray(value) ? value : [value]).filter((one) => typeof one === "string" && one !== "");
}

/** A condition with another operator, its value in the shape that it takes. */
export function withOperator(leaf: Leaf, operator: string): Leaf {
  if (leaf.match === "token_count") {
    const first = Array.isArray(leaf.value) ? (leaf.value[0] ?? 0) : leaf.value;
    return { ...leaf, operator, value: operator === "between" ? [first, first + 1] : first } as Leaf;
  }
  if (leaf.match === "time_of_day") return leaf;
  const values = valuesOf(leaf.value);
  return withValues({ ...leaf, operator } as Leaf, values);
}

/** One value for an operator that takes one, else the list. */
export function withValues(leaf: Leaf, values: readonly string[]): Leaf {
  const lists = leaf.operator === "in" || leaf.operator === "not_in";
  return { ...leaf, value: lists ? [...values] : (values.at(-1) ?? "") } as Leaf;
}

export function triggerSays(trigger: Trigger): string {
  switch (trigger.type) {
    case "token_budget_exceeded":
      return `A budget is used to ${trigger.percent ?? 100}%${trigger.budget_id ? ", one budget" : ""}`;
    case "department_threshold": {
      const limit = trigger.limit_tokens
        ? `${exact(trigger.limit_tokens)} tokens`
        : `$${exact((trigger.limit_micros ?? 0) / 1e6)}`;
      return `A department uses ${limit} (${trigger.period ?? "monthly"})`;
    }
    case "unusual_usage":
      return `An hour has ${trigger.times ?? 5} times the usual`;
    case "ip_risk_event":
      return "A risk event";
  }
}

export const NEW: Draft = {
  name: "",
  description: "",
  trigger: { type: "token_budget_exceeded", percent: 100 },
  conditions: { match: "all", conditions: [] },
  actions: [{ type: "email_manager" }],
  severity: "warning",
};

export const newTrigger = (type: Trigger["type"]): Trigger =>
  ({
    token_budget_exceeded: { type: "token_budget_exceeded", percent: 100 },
    department_threshold: { type: "department_threshold", limit_tokens: 1_000_000, period: "monthly" },
    unusual_usage: { type: "unusual_usage", times: 5, least_tokens: 20_000 },
    ip_risk_event: { type: "ip_risk_event" },
  })[type] as Trigger;

export const newAction = (type: Action["type"], webhook_id = ""): Action =>
  ({
    email_user: { type: "email_user" },
    email_manager: { type: "email_manager" },
    block: { type: "block", hours: null, models: [] },
    create_incident: { type: "create_incident", severity: "warning" },
    webhook: { type: "webhook", webhook_id },
  })[type] as Action;

/** A policy as it is edited: its conditions are always a group. */
export function draftOf({ name, description, trigger, actions, severity, conditions }: Policy): Draft {
  const group: Group =
    conditions.match === "all" || conditions.match === "any"
      ? conditions
      : { match: "all", conditions: [conditions] };
  return { name, description, trigger, actions, severity, conditions: group };
}

/** Whether everything that must be filled in is. */
export function isWhole(draft: Pick<Draft, "trigger" | "conditions" | "actions">): boolean {
  return (
    draft.actions.length > 0 &&
    leavesOf(draft.conditions).every(
      (leaf) =>
        leaf.match === "token_count" || leaf.match === "time_of_day" || valuesOf(leaf.value).length > 0,
    )
  );
}

export function leavesOf(condition: Condition): Leaf[] {
  return condition.match === "all" || condition.match === "any"
    ? condition.conditions.flatMap(leavesOf)
    : [condition];
}
