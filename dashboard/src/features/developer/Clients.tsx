import { Button, Code, Text } from "@mantine/core";
import { useRef, useState } from "react";
import { useList } from "@/api/pages";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Named } from "@/ui/Named";
import { Section } from "@/ui/Page";
import { ReadyToCopy } from "@/ui/ReadyToCopy";
import { SecretOnce } from "@/ui/SecretOnce";
import { Empty } from "@/ui/states";
import { clientExample } from "./example";
import { NewCredential, type Wanted } from "./NewCredential";
import { Revoke, Scopes, Standing } from "./parts";
import { clientsQuery, type OAuthClient, useMakeClient, useRevokeClient } from "./queries";

function columns(revoke: (id: string) => void): Column<OAuthClient>[] {
  return [
    { title: "Name", cell: ({ name }) => <bdi>{name}</bdi> },
    { title: "Client id", cell: ({ id }) => <Code>{id}</Code> },
    { title: "May", cell: ({ scopes }) => <Scopes scopes={scopes} /> },
    { title: "Made by", cell: ({ created_by }) => <Named kind="user" id={created_by} /> },
    { title: "Made", cell: ({ created_at }) => <When at={created_at} /> },
    { title: "Standing", cell: (client) => <Standing of={client} /> },
    {
      title: "Revoke",
      cell: ({ id, name, revoked_at }) =>
        revoked_at === null && (
          <Revoke name={name} what="OAuth client" about="So do its tokens." onRevoke={() => revoke(id)} />
        ),
    },
  ];
}

export function Clients() {
  const { items, more } = useList(clientsQuery);
  const opener = useRef<HTMLButtonElement>(null);
  const revoke = useRevokeClient();
  const [asking, setAsking] = useState(false);
  const { mutateAsync, data: made, reset } = useMakeClient();
  const make = async ({ name, scopes }: Wanted) => {
    await mutateAsync({ name, scopes });
    setAsking(false);
  };
  return (
    <Section
      title="OAuth clients"
      about="For programs that fetch a token for an hour, so that their secret travels once an hour and not with each request."
      actions={
        <Button size="compact-sm" ref={opener} onClick={() => setAsking(true)}>
          Make a client
        </Button>
      }
    >
      {items.length === 0 ? (
        <Empty title="There are no OAuth clients yet">
          Make one, and a program can fetch tokens with it.
        </Empty>
      ) : (
        <DataTable
          caption="OAuth clients"
          columns={columns((id) => revoke.mutate(id, { onSuccess: () => opener.current?.focus() }))}
          rows={items}
          rowKey={({ id }) => id}
          minWidth={900}
        />
      )}
      <More {...more} noun="clients" />
      <NewCredential
        title="A new OAuth client"
        opened={asking}
        onClose={() => setAsking(false)}
        make={make}
        expires={false}
      />
      <SecretOnce
        opener={opener}
        title="Your new client's secret"
        secret={made?.client_secret ?? null}
        onClose={reset}
      >
        <Text size="sm">
          Its client id is <Code>{made?.id}</Code>.
        </Text>
        <ReadyToCopy
          title="Try it:"
          action="Copy the command"
          text={made && clientExample(window.location.origin, made.id, made.client_secret)}
        />
      </SecretOnce>
    </Section>
  );
}
