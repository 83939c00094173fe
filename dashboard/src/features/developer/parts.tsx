import { Badge, Button, Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import type { ReactNode } from "react";
import { standing } from "./expiry";

/** What a program may do: short enough for a row, the whole of it on hover. */
export function Scopes({ scopes }: { scopes: readonly string[] }) {
  const shown =
    scopes.length > 4 ? `${scopes.slice(0, 3).join(", ")} and ${scopes.length - 3} more` : scopes.join(", ");
  return (
    <Text span size="xs" ff="monospace" style={{ overflowWrap: "break-word" }} title={scopes.join(", ")}>
      {shown}
    </Text>
  );
}

const COLOURS = { good: "teal", expired: "gray", revoked: "gray" } as const;

export function Standing({ of }: { of: Parameters<typeof standing>[0] }) {
  const word = standing(of);
  return (
    <Badge variant="dot" color={COLOURS[word]} tt="none" miw="max-content">
      {word}
    </Badge>
  );
}

type Revoking = { name: string; what: string; about: ReactNode; onRevoke: () => void };

/** Revokes after asking: there is no way back. */
export function Revoke({ name, what, about, onRevoke }: Revoking) {
  const ask = () =>
    modals.openConfirmModal({
      title: `Revoke the ${what}?`,
      children: (
        <Text size="sm" className="names">
          <b dir="auto">{name}</b> stops working within 5 seconds, and cannot be brought back. {about}
        </Text>
      ),
      labels: { confirm: "Revoke", cancel: "Keep it" },
      confirmProps: { color: "red" },
      onConfirm: onRevoke,
    });
  return (
    <Button size="compact-xs" variant="subtle" color="red" onClick={ask} aria-label={`Revoke ${name}`}>
      Revoke
    </Button>
  );
}
