import { Badge, Group } from "@mantine/core";
import type { Schemas } from "@/api/client";
import { Explained } from "./Explained";

export type BasisName = Schemas["UsageSummary"]["basis"];
type Props = { basis: BasisName; explained?: boolean };

const WHY: Record<BasisName, string> = {
  estimated:
    "Worked out on the device from the sizes of a request and its answer. There at once, and not exact: " +
    "single requests can be far off, over many of them errors partly cancel out. What was said is never read.",
  reconciled:
    "The provider's own count. Where it is there it replaces the estimate; the two are never added.",
};

/** Whether figures are estimated or reconciled, and what that means. */
export function Basis({ basis }: Pick<Props, "basis">) {
  return (
    <Explained why={WHY[basis]}>
      <BasisMark basis={basis} explained />
    </Explained>
  );
}

/** The same for the many rows of a table: no stop for the keyboard at each. */
export function BasisMark({ basis, explained = false }: Props) {
  return (
    <Badge
      component="span"
      size="sm"
      variant={basis === "estimated" ? "light" : "filled"}
      tt="none"
      fw={500}
      title={explained ? undefined : WHY[basis]}
    >
      {basis}
    </Badge>
  );
}

/** Which of the two there are among some figures, each once. */
export function Bases({ of }: { of: readonly BasisName[] }) {
  return (
    <Group component="span" gap="xs">
      {[...new Set(of)].sort().map((basis) => (
        <Basis key={basis} basis={basis} />
      ))}
    </Group>
  );
}
