/** What incidents say, in words. Pure. */

import type { Entry, Incident } from "./queries";

export const STATES = ["open", "investigating", "resolved"] as const;

export const STATE_COLOURS: Record<Incident["state"], string> = {
  open: "red",
  investigating: "yellow",
  resolved: "teal",
};

const NAMES: Partial<Record<Entry["kind"], string>> = {
  title: "The title",
  severity: "The severity",
  state: "The state",
};

/** One line of a timeline, without who did it. */
export function entrySays({ kind, details }: Pick<Entry, "kind" | "details">): string {
  switch (kind) {
    case "opened":
      return "Opened";
    case "comment":
      return "Comment";
    case "description":
      return "The description was changed";
    case "owner":
      return details.to ? "Has a new owner" : "Has no owner any more";
    case "linked":
    case "unlinked":
      return `${kind === "linked" ? "Linked" : "Took away"}: ${String(details.kind).replace("_", " ")}`;
    default:
      return `${NAMES[kind] ?? kind}: ${String(details.from)} → ${String(details.to)}`;
  }
}
