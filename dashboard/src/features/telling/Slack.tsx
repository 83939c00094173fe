import { Button, Group, PasswordInput, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { reasonOf } from "@/api/act";
import { useMay } from "@/api/session";
import { confirm } from "@/ui/confirm";
import { When } from "@/ui/Figure";
import { Named } from "@/ui/Named";
import { Section } from "@/ui/Page";
import { slackQuery, useConnectSlack, useDisconnectSlack } from "./queries";

/** The Slack app of the organisation: connected once, it writes into every channel that it is in. */
export function Slack() {
  const { data: slack } = useSuspenseQuery(slackQuery);
  const mayWrite = useMay("webhooks:write");
  return (
    <Section
      title="Slack app"
      about="Make an app in Slack with the bot scope chat:write, install it, and invite it into the channels."
    >
      {slack.connected && slack.connected_by ? (
        <Group justify="space-between">
          <Text size="sm">
            Connected <When at={slack.connected_at} /> by <Named kind="user" id={slack.connected_by} />. Its
            token is sealed and never shown.
          </Text>
          {mayWrite && <Disconnect />}
        </Group>
      ) : (
        <Text size="sm" c="dimmed">
          It is not connected. An incoming webhook of Slack needs no app.
        </Text>
      )}
      {mayWrite && <Connect again={slack.connected} />}
    </Section>
  );
}

function Connect({ again }: { again: boolean }) {
  const connect = useConnectSlack();
  const [token, setToken] = useState("");
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        connect.mutate(token.trim(), { onSuccess: () => setToken("") });
      }}
    >
      <Group align="flex-end" maw={640}>
        <PasswordInput
          label={again ? "Another bot token" : "Bot token"}
          placeholder="xoxb-…"
          autoComplete="off"
          flex={1}
          value={token}
          error={connect.error && reasonOf(connect.error)}
          onChange={({ target }) => setToken(target.value)}
        />
        <Button type="submit" variant="default" disabled={token.trim() === ""} loading={connect.isPending}>
          {again ? "Replace it" : "Connect Slack"}
        </Button>
      </Group>
    </form>
  );
}

function Disconnect() {
  const disconnect = useDisconnectSlack();
  const ask = () =>
    confirm({
      title: "Disconnect Slack?",
      children: "The token is forgotten. Channels that it writes into are archived first, as receivers.",
      action: "Disconnect",
      danger: true,
      onConfirm: () => disconnect.mutate(undefined),
    });
  return (
    <Button size="compact-sm" variant="default" loading={disconnect.isPending} onClick={ask}>
      Disconnect
    </Button>
  );
}
