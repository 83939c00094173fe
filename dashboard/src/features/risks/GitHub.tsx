import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { reasonOf } from "@/api/act";
import { useList } from "@/api/pages";
import { confirm } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { FormError } from "@/ui/FormError";
import { Section } from "@/ui/Page";
import { PersonSelect } from "@/ui/PersonSelect";
import { ReadyToCopy } from "@/ui/ReadyToCopy";
import { SecretOnce } from "@/ui/SecretOnce";
import { Empty } from "@/ui/states";
import {
  type Integration,
  identitiesQuery,
  integrationsQuery,
  useConnect,
  useDisconnect,
  useForgetIdentity,
  useIdentify,
} from "./queries";

/** How GitHub is connected, and whose logins are whose. */
export function GitHub() {
  return (
    <Stack gap="xl">
      <Integrations />
      <Identities />
    </Stack>
  );
}

const COLUMNS: Column<Integration>[] = [
  { title: "Integration", cell: ({ name }) => <span dir="auto">{name}</span> },
  { title: "Address", cell: ({ webhook_url }) => webhook_url },
  { title: "Last heard", cell: ({ heard_at }) => <When at={heard_at} /> },
  { title: "Actions", figure: true, cell: (integration) => <Disconnect integration={integration} /> },
];

function Integrations() {
  const { items } = useList(integrationsQuery);
  const connect = useConnect();
  const [asking, setAsking] = useState(false);
  const [name, setName] = useState("GitHub");
  const made = connect.data;
  return (
    <Section
      title="Connected"
      about="GitHub tells of secrets that were found, repositories that were made public, and pushes."
      actions={
        <Button variant="default" onClick={() => setAsking(true)}>
          Connect GitHub
        </Button>
      }
    >
      {items.length === 0 ? (
        <Empty title="GitHub is not connected">
          Connecting gives an address and a secret, to be entered in a GitHub App or webhook.
        </Empty>
      ) : (
        <DataTable caption="Integrations" columns={COLUMNS} rows={items} rowKey={({ id }) => id} />
      )}
      <Modal opened={asking} onClose={() => setAsking(false)} title="Connect GitHub">
        <form
          onSubmit={(event) => {
            event.preventDefault();
            connect.mutate(name, { onSuccess: () => setAsking(false) });
          }}
        >
          <Stack>
            <TextInput
              label="Name"
              required
              maxLength={120}
              data-autofocus
              value={name}
              onChange={({ target }) => setName(target.value)}
            />
            <Group justify="flex-end">
              <Button type="submit" loading={connect.isPending}>
                Connect
              </Button>
            </Group>
          </Stack>
        </form>
      </Modal>
      <SecretOnce title="The webhook's secret" secret={made?.secret ?? null} onClose={() => connect.reset()}>
        <ReadyToCopy
          title="The address, as the webhook's URL in GitHub; content type application/json:"
          action="Copy the address"
          text={made?.integration.webhook_url}
        />
      </SecretOnce>
    </Section>
  );
}

function Disconnect({ integration }: { integration: Integration }) {
  const disconnect = useDisconnect();
  const ask = () =>
    confirm({
      title: `Disconnect ${integration.name}?`,
      children: "GitHub is not heard any more. What it told of stays.",
      action: "Disconnect",
      danger: true,
      onConfirm: () => disconnect.mutate(integration.id),
    });
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={disconnect.isPending}
      onClick={ask}
      aria-label={`Disconnect ${integration.name}`}
    >
      Disconnect
    </Button>
  );
}

function Identities() {
  const { data: identities } = useSuspenseQuery(identitiesQuery);
  const identify = useIdentify();
  const forget = useForgetIdentity();
  const [login, setLogin] = useState("");
  const [userId, setUserId] = useState<string | null>(null);
  return (
    <Section
      title="Whose login is whose"
      about="Other logins are found by the e-mail of a push, where it is one of the organisation's."
    >
      {identities.map((one) => (
        <Group key={one.login} justify="space-between">
          <Text size="sm">
            {one.login} is {one.user_email}
          </Text>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => forget.mutate(one.login)}
            aria-label={`Forget ${one.login}`}
          >
            Forget
          </Button>
        </Group>
      ))}
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (userId) identify.mutate({ login, user_id: userId }, { onSuccess: () => setLogin("") });
        }}
      >
        <Stack gap="xs" maw={560}>
          <FormError>{identify.error && reasonOf(identify.error)}</FormError>
          <Group align="flex-end" grow>
            <TextInput
              label="Login on GitHub"
              value={login}
              onChange={({ target }) => setLogin(target.value.trim())}
            />
            <PersonSelect label="Is" value={userId} onChange={setUserId} />
            <Button
              type="submit"
              variant="default"
              disabled={login === "" || userId === null}
              loading={identify.isPending}
            >
              Say so
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
