import { Button, Code } from "@mantine/core";
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
import { keyExample } from "./example";
import { standing } from "./expiry";
import { NewCredential, type Wanted } from "./NewCredential";
import { Revoke, Scopes, Standing } from "./parts";
import { type ApiKey, keysQuery, useMakeKey, useRevokeKey } from "./queries";

function columns(revoke: (id: string) => void): Column<ApiKey>[] {
  return [
    { title: "Name", cell: ({ name }) => <bdi>{name}</bdi> },
    { title: "Key", cell: ({ hint }) => <Code style={{ whiteSpace: "nowrap" }}>{hint}</Code> },
    { title: "May", cell: ({ scopes }) => <Scopes scopes={scopes} /> },
    { title: "Made by", cell: ({ created_by }) => <Named kind="user" id={created_by} /> },
    { title: "Made", cell: ({ created_at }) => <When at={created_at} /> },
    { title: "Last used", cell: ({ last_used_at }) => <When at={last_used_at} /> },
    { title: "Ends", cell: ({ expires_at, revoked_at }) => <When at={revoked_at ?? expires_at} /> },
    { title: "Standing", cell: (key) => <Standing of={key} /> },
    {
      title: "Revoke",
      cell: (key) =>
        standing(key) === "good" && (
          <Revoke
            name={key.name}
            what="API key"
            about="What uses it needs a new one first."
            onRevoke={() => revoke(key.id)}
          />
        ),
    },
  ];
}

export function Keys() {
  const { items, more } = useList(keysQuery);
  const opener = useRef<HTMLButtonElement>(null);
  const revoke = useRevokeKey();
  const [asking, setAsking] = useState(false);
  const { made, make, forget } = useMaking(() => setAsking(false));
  return (
    <Section
      title="API keys"
      about="For programs. A key acts for the person who made it, and stops when they are suspended."
      actions={
        <Button size="compact-sm" ref={opener} onClick={() => setAsking(true)}>
          Make a key
        </Button>
      }
    >
      {items.length === 0 ? (
        <Empty title="There are no API keys yet">Make one, and a program can use the API.</Empty>
      ) : (
        <DataTable
          caption="API keys"
          columns={columns((id) => revoke.mutate(id, { onSuccess: () => opener.current?.focus() }))}
          rows={items}
          rowKey={({ id }) => id}
          minWidth={960}
        />
      )}
      <More {...more} noun="keys" />
      <NewCredential
        title="A new API key"
        opened={asking}
        onClose={() => setAsking(false)}
        make={make}
        expires
      />
      <SecretOnce opener={opener} title="Your new API key" secret={made?.key ?? null} onClose={forget}>
        <ReadyToCopy
          title="Try it:"
          action="Copy the command"
          text={made && keyExample(made.scopes, window.location.origin, made.key)}
        />
      </SecretOnce>
    </Section>
  );
}

/** The new key stays here alone, and is forgotten when its window is closed. */
function useMaking(onMade: () => void) {
  const { mutateAsync, data, reset } = useMakeKey();
  const make = async (wanted: Wanted) => {
    await mutateAsync(wanted);
    onMade();
  };
  return { made: data ?? null, make, forget: reset };
}
