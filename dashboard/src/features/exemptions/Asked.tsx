import { Button, Group, Stack, Text, Title } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useEffect, useRef } from "react";
import { useMay } from "@/api/session";
import { amount } from "@/lib/format";
import { When } from "@/ui/Figure";
import type { Exemption } from "./queries";

/** What happens next, once it is asked. */
export function Asked({ exemption, onAgain }: { exemption: Exemption; onAgain: () => void }) {
  const heading = useRef<HTMLHeadingElement>(null);
  const mayDecide = useMay("budgets:write");
  useEffect(() => heading.current?.focus(), []);
  return (
    <Stack maw={560} role="status">
      <Title order={2} size="h4" tabIndex={-1} ref={heading}>
        Your request is with the admins
      </Title>
      <Text className="names">
        {amount(exemption.tokens, "tokens")} for {exemption.user_email}.{" "}
        {mayDecide
          ? "You or another admin or owner can approve or deny it."
          : "An admin or owner of your organisation approves or denies it, and may leave a note."}{" "}
        Once it is approved the tokens are there at once, until the period ends{" "}
        <When at={exemption.ends_at} />. If nobody decides before then, the request expires.
      </Text>
      <Text c="dimmed" size="sm">
        Until then the budget stays as it is. A smaller request may still fit.
      </Text>
      <Group>
        <Button component={Link} to="/budget/exemptions">
          Look at requests
        </Button>
        <Button variant="default" onClick={onAgain}>
          Ask for another
        </Button>
      </Group>
    </Stack>
  );
}
