import { Button, Code, Group, SegmentedControl, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { Suspense } from "react";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { oneOf, useView, viewOf } from "@/lib/view";
import { confirm } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Page, Section } from "@/ui/Page";
import { SecretOnce } from "@/ui/SecretOnce";
import { Standing } from "@/ui/Standing";
import { Empty, Waiting } from "@/ui/states";
import {
  type Delivery,
  deliveriesQuery,
  useArchiveWebhook,
  useChangeWebhook,
  useNewSecret,
  useResend,
  useSendTest,
  type Webhook,
  webhookQuery,
} from "./queries";
import { EVENTS, failureSays, KINDS, narrowedTo } from "./words";

const SHOWN = ["all", "waiting", "delivered", "failed"] as const;
const readView = viewOf({ status: oneOf(SHOWN) });
const noop = () => undefined;
const COLOURS = { waiting: "yellow", delivered: "teal", failed: "red" } as const;

/** One receiver: what it is told of, and what became of each message. */
export default function ReceiverPage() {
  const { webhookId = "" } = useParams({ strict: false }) as { webhookId?: string };
  const { data: webhook } = useSuspenseQuery(webhookQuery(webhookId));
  const [{ status }, change] = useView(readView);
  const mayWrite = useMay("webhooks:write");
  const off = webhook.archived_at !== null;
  return (
    <Page
      title={webhook.name}
      about={
        <>
          <Standing color={!off && webhook.status === "active" ? "teal" : "red"}>
            {off ? "archived" : webhook.status}
          </Standing>{" "}
          {KINDS[webhook.kind]}; last took a message: <When at={webhook.taken_at} />.
        </>
      }
      actions={
        <Button component={Link} to="/integrations" variant="subtle">
          All integrations
        </Button>
      }
    >
      <Section title="What it is told">
        <Text size="sm" className="names">
          {webhook.events.map((one) => EVENTS[one]).join(", ")}
          {narrowedTo(webhook) && `; of alerts only: ${narrowedTo(webhook)}`}, to{" "}
          <Code>{webhook.channel ?? webhook.url}</Code>.
        </Text>
        {mayWrite && !off && <Actions webhook={webhook} />}
      </Section>
      <Section title="What was sent" about="The last 30 days, the newest first.">
        <Group role="search" aria-label="Narrow the messages">
          <SegmentedControl
            size="xs"
            aria-label="Status"
            value={status}
            onChange={(to) => change({ status: oneOf(SHOWN)(to) })}
            data={SHOWN.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
          />
        </Group>
        <Suspense fallback={<Waiting />}>
          <Deliveries webhook={webhook} status={status === "all" ? undefined : status} />
        </Suspense>
      </Section>
    </Page>
  );
}

function Actions({ webhook }: { webhook: Webhook }) {
  const navigate = useNavigate();
  const test = useSendTest(webhook.id);
  const change = useChangeWebhook(webhook.id);
  const archive = useArchiveWebhook(webhook.id);
  const secret = useNewSecret(webhook.id);
  const active = webhook.status === "active";
  // The buttons are gone once it is archived, and with them what `mutate` would call.
  const leave = () => navigate({ to: "/integrations" });
  const askToArchive = () =>
    confirm({
      title: `Archive ${webhook.name}?`,
      children: "Nothing goes there any more. It cannot be brought back.",
      action: "Archive",
      danger: true,
      onConfirm: () => void archive.mutateAsync(undefined).then(leave, noop),
    });
  const askForSecret = () =>
    confirm({
      title: "Make a new secret?",
      children: "For 24 hours messages are signed with the one before, too.",
      action: "Make it",
      onConfirm: () => secret.mutate(undefined),
    });
  return (
    <Group>
      <Button
        variant="default"
        disabled={!active}
        loading={test.isPending}
        onClick={() => test.mutate(undefined)}
      >
        Send a test
      </Button>
      <Button
        variant="default"
        loading={change.isPending}
        onClick={() => change.mutate({ status: active ? "disabled" : "active" })}
      >
        {active ? "Disable" : "Make active"}
      </Button>
      {webhook.kind === "signed" && (
        <Button variant="default" loading={secret.isPending} onClick={askForSecret}>
          New secret
        </Button>
      )}
      <Button variant="default" color="red" loading={archive.isPending} onClick={askToArchive}>
        Archive
      </Button>
      <SecretOnce
        title="The receiver's new secret"
        secret={secret.data?.secret ?? null}
        onClose={() => secret.reset()}
      />
    </Group>
  );
}

const COLUMNS: Column<Delivery>[] = [
  { title: "Made", cell: ({ created_at }) => <When at={created_at} /> },
  { title: "Message", cell: ({ type }) => <Code>{type}</Code> },
  { title: "Status", cell: ({ status }) => <Standing color={COLOURS[status]}>{status}</Standing> },
  { title: "Last try", cell: ({ last_try_at }) => <When at={last_try_at} /> },
  { title: "Why not", cell: (delivery) => failureSays(delivery) },
  { title: "Next try", cell: ({ next_try_at }) => <When at={next_try_at} /> },
];

function Deliveries({ webhook, status }: { webhook: Webhook; status: Delivery["status"] | undefined }) {
  const { items, more } = useList(deliveriesQuery(webhook.id, status));
  const mayWrite = useMay("webhooks:write") && webhook.archived_at === null;
  const resend = useResend(webhook.id);
  if (items.length === 0)
    return <Empty title={status ? `No message is ${status}` : "Nothing was sent yet"}>Send a test.</Empty>;
  const again: Column<Delivery> = {
    title: "Again",
    cell: ({ id, type }) => (
      <Button
        size="compact-xs"
        variant="subtle"
        aria-label={`Send ${type} again`}
        loading={resend.isPending && resend.variables === id}
        onClick={() => resend.mutate(id)}
      >
        Send again
      </Button>
    ),
  };
  return (
    <>
      <DataTable
        caption="Messages"
        columns={mayWrite ? [...COLUMNS, again] : COLUMNS}
        rows={items}
        rowKey={({ id }) => id}
        minWidth={900}
      />
      <More {...more} noun="messages" />
    </>
  );
}
