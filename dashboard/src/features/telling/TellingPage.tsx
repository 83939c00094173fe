import { Anchor, Button, Modal } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useRef, useState } from "react";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Page, Section } from "@/ui/Page";
import { SecretOnce } from "@/ui/SecretOnce";
import { Standing } from "@/ui/Standing";
import { Empty } from "@/ui/states";
import { NewReceiver } from "./NewReceiver";
import { slackQuery, type Webhook, webhooksQuery } from "./queries";
import { Slack } from "./Slack";
import { EVENTS, KINDS, narrowedTo } from "./words";

/** Who, beside people by e-mail, is told of what happens. */
export default function TellingPage() {
  return (
    <Page
      title="Integrations"
      about={
        <>
          Programs and channels that are told of alerts, policies and incidents. People are told by e-mail;
          each chooses under{" "}
          <Anchor component={Link} to="/account" inherit underline="always">
            Account
          </Anchor>
          .
        </>
      }
    >
      <Receivers />
      <Slack />
    </Page>
  );
}

const COLUMNS: Column<Webhook>[] = [
  {
    title: "Receiver",
    cell: ({ id, name }) => (
      <Anchor component={Link} to={`/integrations/${id}`} underline="always" dir="auto">
        {name}
      </Anchor>
    ),
  },
  { title: "What it is", cell: ({ kind }) => KINDS[kind] },
  { title: "Where", cell: ({ url, channel }) => channel ?? (url && new URL(url).host) },
  { title: "Is told of", cell: ({ events }) => events.map((one) => EVENTS[one]).join(", ") },
  { title: "Of alerts", cell: (webhook) => narrowedTo(webhook) || "all" },
  {
    title: "Status",
    cell: ({ status }) => <Standing color={status === "active" ? "teal" : "red"}>{status}</Standing>,
  },
  { title: "Last took one", cell: ({ taken_at }) => <When at={taken_at} /> },
];

function Receivers() {
  const { items, more } = useList(webhooksQuery);
  const { data: slack } = useSuspenseQuery(slackQuery);
  const mayWrite = useMay("webhooks:write");
  const opener = useRef<HTMLButtonElement>(null);
  const [asking, setAsking] = useState(false);
  const [secret, setSecret] = useState<string | null>(null);
  const made = (webhook: Webhook, given: string) => {
    setAsking(false);
    if (webhook.kind === "signed") setSecret(given);
  };
  return (
    <Section
      title="Receivers"
      actions={
        mayWrite && (
          <Button ref={opener} onClick={() => setAsking(true)}>
            Add a receiver
          </Button>
        )
      }
    >
      {items.length === 0 ? (
        <Empty title="Nothing is told yet">
          Add a program of yours, which gets signed webhooks, or a channel of Slack.
        </Empty>
      ) : (
        <DataTable
          caption="Receivers"
          columns={COLUMNS}
          rows={items}
          rowKey={({ id }) => id}
          minWidth={900}
        />
      )}
      <More {...more} noun="receivers" />
      <Modal opened={asking} onClose={() => setAsking(false)} title="A new receiver" size="lg">
        <NewReceiver connected={slack.connected} onMade={made} />
      </Modal>
      <SecretOnce
        opener={opener}
        title="The receiver's secret"
        secret={secret}
        onClose={() => setSecret(null)}
      >
        Each message is signed with it. The receiver checks that with a library of Standard Webhooks.
      </SecretOnce>
    </Section>
  );
}
