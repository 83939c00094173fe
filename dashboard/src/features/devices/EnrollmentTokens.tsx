import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { useList } from "@/api/pages";
import { exact } from "@/lib/format";
import { confirm } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { SecretOnce } from "@/ui/SecretOnce";
import { Standing } from "@/ui/Standing";
import { Empty } from "@/ui/states";
import { actionsColumn } from "./columns";
import type { Made } from "./enrolling";
import { NewToken } from "./NewToken";
import { deviceQuery, type EnrollmentToken, enrollmentTokensQuery, useRevokeToken } from "./queries";
import { ReadyToEnrol } from "./ReadyToEnrol";
import { ShortCode } from "./ShortCode";
import { TOKEN, tokenState } from "./standing";

const COLUMNS: Column<EnrollmentToken>[] = [
  { title: "Made", cell: (token) => <When at={token.created_at} /> },
  { title: "For", cell: (token) => <ReservedFor deviceId={token.device_id} /> },
  { title: "Status", cell: standingOf },
  {
    title: "Devices let in",
    figure: true,
    cell: (token) => `${exact(token.uses)} of ${exact(token.max_uses)}`,
  },
  { title: "Ends", cell: (token) => <When at={token.expires_at} /> },
  actionsColumn((token) => (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      <CodeFor token={token} />
      <Revoke token={token} />
    </Group>
  )),
];

export function EnrollmentTokens() {
  const { items, more } = useList(enrollmentTokensQuery);
  const [making, setMaking] = useState(false);
  const [made, setMade] = useState<Made | null>(null);
  const button = useRef<HTMLButtonElement>(null);
  // The dialog before it is gone by then, and with it the focus's way back.
  const kept = () => {
    setMade(null);
    button.current?.focus();
  };
  return (
    <Stack gap="sm">
      <Group justify="space-between">
        <Text size="sm" c="dimmed" maw={620}>
          An enrolment token lets devices in. Give it to those who set them up.
        </Text>
        <Button ref={button} onClick={() => setMaking(true)}>
          New enrolment token
        </Button>
      </Group>
      {items.length === 0 ? (
        <Empty title="No enrolment tokens yet">Make one to let the first devices in.</Empty>
      ) : (
        <>
          <DataTable caption="Enrolment tokens" columns={COLUMNS} rows={items} rowKey={(token) => token.id} />
          <More noun="tokens" {...more} />
        </>
      )}
      <NewToken opened={making} onClose={() => setMaking(false)} onMade={setMade} />
      <SecretOnce title="The enrolment token" secret={made?.token ?? null} onClose={kept}>
        {made && <ReadyToEnrol made={made} />}
      </SecretOnce>
    </Stack>
  );
}

function standingOf(token: EnrollmentToken) {
  const { word, color, about } = TOKEN[tokenState(token, Date.now())];
  return (
    <Standing color={color} title={about}>
      {word}
    </Standing>
  );
}

/** Whom a token is for; the device that was reserved knows. */
function ReservedFor({ deviceId }: { deviceId: string | null }) {
  const { data } = useQuery({ ...deviceQuery(deviceId ?? ""), enabled: deviceId !== null });
  if (deviceId === null) return "Anyone's devices";
  return data?.user_email ?? "One person's device";
}

function CodeFor({ token }: { token: EnrollmentToken }) {
  const [opened, setOpened] = useState(false);
  const { data } = useQuery({ ...deviceQuery(token.device_id ?? ""), enabled: token.device_id !== null });
  if (tokenState(token, Date.now()) !== "open") return null;
  return (
    <>
      <Button size="compact-xs" variant="subtle" onClick={() => setOpened(true)}>
        Short code
      </Button>
      <Modal opened={opened} onClose={() => setOpened(false)} title="A short code for this token">
        <ShortCode tokenId={token.id} email={data?.user_email ?? null} />
      </Modal>
    </>
  );
}

function Revoke({ token }: { token: EnrollmentToken }) {
  const revoke = useRevokeToken();
  if (tokenState(token, Date.now()) !== "open") return null;
  const ask = () =>
    confirm({
      title: "Revoke this enrolment token?",
      children: "It lets no more devices in. Devices that are in already stay in. This cannot be undone.",
      action: "Revoke",
      danger: true,
      onConfirm: () => revoke.mutate(token.id),
    });
  return (
    <Button size="compact-xs" variant="subtle" color="red" loading={revoke.isPending} onClick={ask}>
      Revoke
    </Button>
  );
}
