/** The form of a budget: what it starts with, what is wrong in it, what is sent. Pure. */

import type { Schemas } from "@/api/client";
import type { Unit } from "@/lib/format";
import { asTyped, typedAmount } from "./amounts";
import type { Budget } from "./queries";

export type Values = {
  scope: Budget["scope"];
  department: string;
  user_id: string | null;
  name: string;
  limitKind: "own" | "sum";
  limit: string;
  sumUnit: Unit;
  period: Schemas["PeriodKind"];
  hard_cap: boolean;
  rollover: boolean;
  rollover_cap_percent: number | string;
  thresholds: string;
  when_unsure: Budget["when_unsure"];
};

export function startValues(department = ""): Values {
  return {
    scope: "department",
    department,
    user_id: null,
    name: "",
    limitKind: "own",
    limit: "",
    sumUnit: "tokens",
    period: "monthly",
    hard_cap: false,
    rollover: false,
    rollover_cap_percent: 50,
    thresholds: "70, 90",
    when_unsure: "allow",
  };
}

export function valuesOf(budget: Budget): Values {
  return {
    scope: budget.scope,
    department: budget.department ?? "",
    user_id: budget.user_id,
    name: budget.name,
    limitKind: budget.sum_of_children ? "sum" : "own",
    limit: asTyped(budget.limit, budget.unit),
    sumUnit: budget.unit,
    period: budget.period,
    hard_cap: budget.hard_cap,
    rollover: budget.rollover_cap_percent !== null,
    rollover_cap_percent: budget.rollover_cap_percent ?? 50,
    thresholds: budget.thresholds.join(", "),
    when_unsure: budget.when_unsure,
  };
}

/** "70, 90%" -> [70, 90]. */
export function typedThresholds(text: string): number[] | { wrong: string } {
  const parts = text.split(/[\s,;]+/).filter(Boolean);
  const numbers = parts.map((part) => Number(/^(\d+)%?$/.exec(part)?.[1] ?? Number.NaN));
  if (numbers.some((one) => !(one >= 1 && one <= 1000)))
    return { wrong: "Write whole percentages from 1 to 1000, such as 70, 90." };
  const distinct = [...new Set(numbers)].toSorted((a, b) => a - b);
  return distinct.length > 10 ? { wrong: "At most 10." } : distinct;
}

type Errors = Partial<Record<keyof Values, string>>;

/** What is wrong before the server is asked. `unit`: the one that an existing budget keeps. */
export function wrongIn(values: Values, unit?: Unit): Errors {
  const errors: Errors = {};
  if (values.scope === "department" && !values.department.trim()) errors.department = "For which department?";
  if (values.scope === "user" && !values.user_id) errors.user_id = "For whom?";
  if (values.limitKind === "own") {
    const limit = typedAmount(values.limit, unit);
    if ("wrong" in limit) errors.limit = limit.wrong;
    else if (unit && limit.unit !== unit)
      errors.limit = "A budget keeps its unit. Archive this one, and make another in the other unit.";
  }
  const cap = values.rollover_cap_percent;
  if (values.rollover && !(typeof cap === "number" && Number.isInteger(cap) && cap >= 0 && cap <= 100))
    errors.rollover_cap_percent = "A whole percentage from 0 to 100.";
  const thresholds = typedThresholds(values.thresholds);
  if (!Array.isArray(thresholds)) errors.thresholds = thresholds.wrong;
  return errors;
}

function limitOf(values: Values, unit?: Unit) {
  if (values.limitKind === "sum") return { sum_of_children: true, sum_unit: unit ?? values.sumUnit };
  const typed = typedAmount(values.limit, unit);
  if ("wrong" in typed) throw new Error(typed.wrong);
  const limit = typed.unit === "tokens" ? { limit_tokens: typed.value } : { limit_micros: typed.value };
  return { sum_of_children: false, sum_unit: "tokens" as const, ...limit };
}

function common(values: Values) {
  const thresholds = typedThresholds(values.thresholds);
  const carries = values.rollover && values.limitKind === "own";
  return {
    hard_cap: values.hard_cap,
    rollover_cap_percent: carries ? Number(values.rollover_cap_percent) : null,
    thresholds: Array.isArray(thresholds) ? thresholds : [],
    when_unsure: values.when_unsure,
  };
}

export function newBody(values: Values): Schemas["NewBudgetBody"] {
  return {
    ...(values.scope === "department" && { department: values.department.trim() }),
    ...(values.scope === "user" && { user_id: values.user_id }),
    ...(values.name.trim() && { name: values.name.trim() }),
    ...limitOf(values),
    period: values.period,
    ...common(values),
  };
}

export function changeBody(values: Values, unit: Unit): Schemas["BudgetChangeBody"] {
  return {
    ...(values.name.trim() && { name: values.name.trim() }),
    ...limitOf(values, unit),
    ...common(values),
  };
}

const FIELDS: Record<string, keyof Values> = {
  limit_tokens: "limit",
  limit_micros: "limit",
  sum_of_children: "limitKind",
  sum_unit: "limitKind",
};
const SHOWN = ["department", "user_id", "name", "limit", "period", "rollover_cap_percent", "thresholds"];

/** The server's refusal at the field of this form it is about; "" when it is about none. */
export function atField(errors: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([field, reason]) => {
      const name = field.replace(/\[.*$/, "");
      return [FIELDS[name] ?? (SHOWN.includes(name) ? name : ""), reason];
    }),
  );
}
