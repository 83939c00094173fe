/** What a page shows when it has nothing, waits, or fails. */

import { Alert, Button, Center, Code, Loader, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { type ReactNode, useEffect, useState } from "react";
import { ApiError } from "@/api/client";

/** Nothing is there yet: what would be here, and how it gets here. */
export function Empty({ title, children }: { title: string; children?: ReactNode }) {
  return (
    <Center mih={140} p="lg">
      <Stack align="center" gap="xs" maw={460} ta="center">
        <Text fw={600}>{title}</Text>
        {children && (
          <Text c="dimmed" size="sm" component="div">
            {children}
          </Text>
        )}
      </Stack>
    </Center>
  );
}

/** Waiting; says nothing while the wait is too short to be noticed. */
export function Waiting() {
  const [long, setLong] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setLong(true), 250);
    return () => clearTimeout(timer);
  }, []);
  return (
    <Center mih={240} role="status" aria-live="polite">
      {long && <Loader size="sm" aria-label="Loading" />}
    </Center>
  );
}

/** Why something is not shown, and what can be done. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const known = error instanceof ApiError ? error : null;
  return (
    <Alert color="red" variant="light" icon={<IconAlertTriangle />} title={titleOf(known)} role="alert">
      <Stack gap="sm" align="flex-start">
        <Text size="sm">
          {known?.message ?? "Something failed on this page. Reload it, and tell us if it stays."}
        </Text>
        {known?.requestId && (
          <Text size="xs" c="dimmed">
            Request <Code>{known.requestId}</Code>
          </Text>
        )}
        {retry && (
          <Button size="xs" variant="default" onClick={retry}>
            Try again
          </Button>
        )}
      </Stack>
    </Alert>
  );
}

function titleOf(failed: ApiError | null): string {
  if (failed?.status === 0) return "The server cannot be reached";
  if (failed?.status === 403) return "This is not yours to see";
  if (failed?.status === 404) return "There is no such thing here";
  return "This could not be shown";
}

/** A whole page that says one thing. */
export function Notice({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Center mih="60vh" p="lg">
      <Stack align="center" gap="sm" maw={460} ta="center">
        <Title order={1} size="h3">
          {title}
        </Title>
        {children}
      </Stack>
    </Center>
  );
}
