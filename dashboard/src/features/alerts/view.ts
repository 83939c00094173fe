import { oneOf, text, viewOf } from "@/lib/view";
import type { AlertAnswer } from "./queries";

export const STATUSES = ["open", "acknowledged", "resolved", "all"] as const;
export const SEVERITIES = ["all", "critical", "warning", "info"] as const;

export const alertsView = viewOf({ status: oneOf(STATUSES), severity: oneOf(SEVERITIES), budget: text });

export type AlertsView = ReturnType<typeof alertsView>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The filters as the API takes them. */
export function filtersOf({ status, severity, budget }: AlertsView) {
  return {
    status: status === "all" ? undefined : status,
    severity: severity === "all" ? undefined : severity,
    budget_id: budget && UUID.test(budget) ? budget : undefined,
  };
}

/** Colours beside words, never in place of them. */
export const SEVERITY_COLOURS: Record<AlertAnswer["severity"], string> = {
  critical: "red",
  warning: "yellow",
  info: "gray",
};
