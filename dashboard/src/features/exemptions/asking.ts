/** What an address asks for, as a refused preflight's link has it, and what is sent. Pure. */

import type { Schemas } from "@/api/client";
import { oneOf, type Raw, text, viewOf } from "@/lib/view";
import { asTyped, typedAmount } from "../budgets/amounts";

export type Asking = {
  user_id: string | null;
  reason: string;
  tokens: string;
  period: Schemas["PeriodKind"];
};

const period = oneOf(["monthly", "daily", "weekly", "quarterly", "annual"]);

export const readLink = viewOf({ user_id: text, budget_id: text, tokens: text, period });

/** What the form starts with. Someone else than the caller only where they may ask for others. */
export function startOf(raw: Raw, caller: string, mayAskForOthers: boolean): Asking {
  const link = readLink(raw);
  const typed = link.tokens === undefined ? { wrong: "" } : typedAmount(link.tokens);
  return {
    user_id: mayAskForOthers ? (link.user_id ?? caller) : caller,
    reason: "",
    tokens: "wrong" in typed || typed.unit !== "tokens" ? "" : asTyped(typed.value, "tokens"),
    period: link.period,
  };
}

/** Whether the link is for someone else than who opened it, who cannot ask for them. */
export function forSomeoneElse(raw: Raw, caller: string, mayAskForOthers: boolean): boolean {
  const { user_id } = readLink(raw);
  return !mayAskForOthers && user_id !== undefined && user_id !== caller;
}

export function wrongIn(asking: Asking): Partial<Record<keyof Asking, string>> {
  const errors: Partial<Record<keyof Asking, string>> = {};
  const typed = typedAmount(asking.tokens);
  if ("wrong" in typed) errors.tokens = typed.wrong;
  else if (typed.unit !== "tokens") errors.tokens = "An exemption is in tokens.";
  else if (typed.value < 1) errors.tokens = "At least one.";
  if (!asking.reason.trim()) errors.reason = "A word on what it is for helps whoever decides.";
  if (!asking.user_id) errors.user_id = "For whom?";
  return errors;
}

export function bodyOf(asking: Asking): Schemas["NewExemptionBody"] {
  const typed = typedAmount(asking.tokens);
  if ("wrong" in typed) throw new Error(typed.wrong);
  return {
    reason: asking.reason.trim(),
    tokens: typed.value,
    period: asking.period,
    user_id: asking.user_id,
  };
}
