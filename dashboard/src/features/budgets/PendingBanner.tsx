import { Alert, Anchor } from "@mantine/core";
import { IconHandStop } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useMay } from "@/api/session";
import { exact } from "@/lib/format";
import { usePendingExemptions } from "./queries";

/** How many requests wait, for those who can decide them. */
export function PendingBanner() {
  const { data: waiting = 0 } = usePendingExemptions(useMay("budgets:write"));
  if (waiting === 0) return null;
  return (
    <Alert color="yellow" variant="light" icon={<IconHandStop size={18} />} role="status">
      {waiting === 1
        ? "One request for an exemption waits"
        : `${exact(waiting)} requests for exemptions wait`}{" "}
      for a decision.{" "}
      <Anchor component={Link} to="/budget/exemptions" inherit underline="always" c="inherit">
        Look at {waiting === 1 ? "it" : "them"}
      </Anchor>
    </Alert>
  );
}
