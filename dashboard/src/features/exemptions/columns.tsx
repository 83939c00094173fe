import { Button, Group, Text } from "@mantine/core";
import { IconCheck, IconX } from "@tabler/icons-react";
import { exact } from "@/lib/format";
import type { Column } from "@/ui/DataTable";
import { Tokens, When } from "@/ui/Figure";
import type { Exemption, Status, Verdict } from "./queries";

type OnReview = (of: Exemption, verdict: Verdict) => void;

const PERSON: Column<Exemption> = {
  title: "For",
  cell: (one) => (
    <>
      <Text size="sm">{one.user_email}</Text>
      {one.requested_by !== one.user_id && (
        <Text size="xs" c="dimmed">
          asked by {one.requested_by_email}
        </Text>
      )}
    </>
  ),
};

const REASON: Column<Exemption> = {
  title: "Reason",
  cell: (one) => (
    <Text size="sm" dir="auto" maw={420} lineClamp={6} title={one.reason}>
      {one.reason}
    </Text>
  ),
};

const TOKENS: Column<Exemption> = {
  title: "Tokens",
  figure: true,
  cell: (one) => <Tokens count={one.tokens} />,
};

const USED: Column<Exemption> = {
  title: "Used",
  figure: true,
  cell: (one) => (
    <>
      <Tokens count={one.used_tokens} />
      {one.held_tokens > 0 && (
        <Text size="xs" c="dimmed" title={`${exact(one.held_tokens)} tokens for requests under way`}>
          and <Tokens count={one.held_tokens} /> held
        </Text>
      )}
    </>
  ),
};

const PERIOD: Column<Exemption> = {
  title: "Period",
  cell: (one) => (
    <>
      <Text size="sm">{one.period}</Text>
      <Text size="xs" c="dimmed">
        ends <When at={one.ends_at} />
      </Text>
    </>
  ),
};

const ASKED: Column<Exemption> = { title: "Asked", cell: (one) => <When at={one.created_at} /> };

const DECIDED: Column<Exemption> = {
  title: "Decided",
  cell: (one) => (
    <>
      <When at={one.reviewed_at} never="by nobody" />
      {one.reviewed_by_email && (
        <Text size="xs" c="dimmed">
          by {one.reviewed_by_email}
        </Text>
      )}
    </>
  ),
};

const NOTES: Column<Exemption> = {
  title: "Notes",
  cell: (one) => (
    <Text
      size="sm"
      dir="auto"
      c={one.notes ? undefined : "dimmed"}
      maw={320}
      lineClamp={6}
      title={one.notes ?? ""}
    >
      {one.notes ?? "none"}
    </Text>
  ),
};

function decide(onReview: OnReview): Column<Exemption> {
  return {
    title: "Decide",
    cell: (one) => (
      <Group gap="xs" wrap="nowrap">
        <Button
          size="compact-sm"
          variant="light"
          color="teal"
          leftSection={<IconCheck size={14} />}
          aria-label={`Approve the request of ${one.user_email}`}
          onClick={() => onReview(one, "approve")}
        >
          Approve
        </Button>
        <Button
          size="compact-sm"
          variant="light"
          color="red"
          leftSection={<IconX size={14} />}
          aria-label={`Deny the request of ${one.user_email}`}
          onClick={() => onReview(one, "deny")}
        >
          Deny
        </Button>
      </Group>
    ),
  };
}

/** What is worth knowing of requests that stand so. */
export function columnsOf(status: Status, onReview?: OnReview): Column<Exemption>[] {
  const asked = [PERSON, REASON, TOKENS, PERIOD, ASKED];
  if (status === "pending") return onReview ? [...asked, decide(onReview)] : asked;
  if (status === "expired") return asked;
  return status === "approved"
    ? [PERSON, REASON, TOKENS, USED, PERIOD, DECIDED, NOTES]
    : [PERSON, REASON, TOKENS, PERIOD, DECIDED, NOTES];
}
