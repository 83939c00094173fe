import { Badge } from "@mantine/core";
import type { Schemas } from "@/api/client";
import { Explained } from "./Explained";

export type BasisName = Schemas["UsageSummary"]["basis"];
type Props = { basis: BasisName };

const WHY: Record<BasisName, string> = {
  estimated:
    "Worked out on the device from the sizes of a request and its answer. There at once, and not exact: " +
    "single requests can be far off, over many of them errors partly cancel out. What was said is never read.",
  reconciled:
    "The provider's own count. Where it is there it replaces the estimate; the two are never added.",
};

/** Whether figures are estimated or reconciled, and what that means. */
export function Basis({ basis }: Props) {
  return (
    <Explained why={WHY[basis]}>
      <BasisMark basis={basis} />
    </Explained>
  );
}

/** The same for the many rows of a table: no stop for the keyboard at each. */
export function BasisMark({ basis }: Props) {
  return (
    <Badge
      component="span"
      size="sm"
      variant={basis === "estimated" ? "light" : "filled"}
      tt="none"
      fw={500}
      title={WHY[basis]}
    >
      {basis}
    </Badge>
  );
}
