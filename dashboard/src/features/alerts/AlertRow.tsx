import { Anchor, Badge, Button, Group, Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useMay } from "@/api/session";
import { When } from "@/ui/Figure";
import { consequence, factsOf, usedOf } from "./facts";
import { type AlertAnswer, useAcknowledge, useResolve } from "./queries";
import { SEVERITY_COLOURS } from "./view";

/** One alert: what happened, what it means, who can act. */
export function AlertRow({ alert }: { alert: AlertAnswer }) {
  return (
    <Stack gap={4} component="article" aria-label={alert.title} py="sm" className="ruled">
      <Group justify="space-between" align="flex-start" gap="xs">
        <Group gap="xs" align="baseline" style={{ minWidth: 0 }}>
          <Badge variant="dot" color={SEVERITY_COLOURS[alert.severity]} tt="none" miw="max-content">
            {alert.severity}
          </Badge>
          <Text fw={600} className="names">
            {alert.title}
          </Text>
        </Group>
        <Actions alert={alert} />
      </Group>
      <Figures alert={alert} />
      <Text size="sm" c="dimmed" className="names">
        <History alert={alert} />
      </Text>
      <WhoCanAct alert={alert} />
    </Stack>
  );
}

function Figures({ alert }: { alert: AlertAnswer }) {
  const facts = factsOf(alert.details);
  return (
    <Text size="sm" className="names">
      {facts && (
        <>
          {usedOf(facts)}. {consequence(facts)}{" "}
          {facts.resetsAt && (
            <>
              The period ends <When at={facts.resetsAt} />.{" "}
            </>
          )}
        </>
      )}
      {typeof alert.details.policy_id === "string" && (
        <Anchor component={Link} to={`/policies/${alert.details.policy_id}`} inherit underline="always">
          See the policy
        </Anchor>
      )}
      {alert.budget_id && (
        <Anchor component={Link} to={`/budget/${alert.budget_id}`} inherit underline="always">
          See the budget
        </Anchor>
      )}
    </Text>
  );
}

function History({ alert }: { alert: AlertAnswer }) {
  return (
    <>
      <When at={alert.created_at} />
      {alert.acknowledged_at && (
        <>
          {" · "}acknowledged <When at={alert.acknowledged_at} /> by{" "}
          {alert.acknowledged_by ?? "someone who is gone"}
        </>
      )}
      {alert.resolved_at && (
        <>
          {" · "}resolved <When at={alert.resolved_at} />{" "}
          {alert.resolved_by ? `by ${alert.resolved_by}` : "by itself"}
        </>
      )}
      {alert.status === "open" && " · open"}
    </>
  );
}

function WhoCanAct({ alert: { status, who_can_act } }: { alert: AlertAnswer }) {
  if (status === "resolved" || who_can_act.length === 0) return null;
  return (
    <Text size="sm" c="dimmed" className="names">
      Can act:{" "}
      {who_can_act.map((email, place) => (
        <span key={email}>
          {place > 0 && ", "}
          <Anchor href={`mailto:${email}`} inherit underline="always">
            {email}
          </Anchor>
        </span>
      ))}
    </Text>
  );
}

function Actions({ alert }: { alert: AlertAnswer }) {
  const acknowledge = useAcknowledge();
  const resolve = useResolve();
  if (!useMay("alerts:write") || alert.status === "resolved") return null;
  return (
    <Group gap="xs">
      {alert.status === "open" && (
        <Button
          size="compact-sm"
          variant="default"
          loading={acknowledge.isPending}
          onClick={() => acknowledge.mutate(alert.id)}
          aria-label={`Acknowledge: ${alert.title}`}
        >
          Acknowledge
        </Button>
      )}
      <Button
        size="compact-sm"
        variant="default"
        loading={resolve.isPending}
        onClick={() => resolve.mutate(alert.id)}
        aria-label={`Resolve: ${alert.title}`}
      >
        Resolve
      </Button>
    </Group>
  );
}
