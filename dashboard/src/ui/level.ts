/** How far a budget is used, as a gauge shows it. Pure. */

import type { Schemas } from "@/api/client";
import type { Level } from "./Gauge";

type Counted = Pick<
  Schemas["BudgetAnswer"],
  "limit" | "rolled_over" | "used" | "exempt_used" | "held" | "remaining" | "unit" | "thresholds"
>;

/** What exemptions cover takes none of the limit; what was rolled over adds to it. */
export function levelOf(budget: Counted): Level {
  const { rolled_over, unit, thresholds, remaining } = budget;
  const limit = budget.limit + rolled_over;
  const used = Math.max(0, budget.used - budget.exempt_used);
  // `held` includes what exemptions cover; what remains says how much they do not.
  const held = remaining > 0 ? limit - used - remaining : budget.held;
  return { limit, used, held: Math.max(0, held), unit, thresholds };
}
