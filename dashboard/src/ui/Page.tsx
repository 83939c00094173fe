import { Group, Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";

type Props = { title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode };

/** A page: its heading, what can be done on it, what it shows. */
export function Page({ title, about, actions, children }: Props) {
  useDocumentTitle(`${title} · Toktra`);
  return (
    <Stack gap="lg" maw={1280} mx="auto" w="100%">
      <Group justify="space-between" align="flex-start" gap="sm">
        <div style={{ minWidth: 0 }}>
          <Title order={1} size="h2" className="names">
            {title}
          </Title>
          {about && (
            <Text c="dimmed" component="div" maw={720}>
              {about}
            </Text>
          )}
        </div>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}

type SectionProps = { title: string; about?: ReactNode; actions?: ReactNode; children: ReactNode };

/** A part of a page under a heading of its own. */
export function Section({ title, about, actions, children }: SectionProps) {
  return (
    <Stack component="section" gap="xs" aria-label={title}>
      <Group justify="space-between" gap="xs">
        <Title order={2} size="h4">
          {title}
        </Title>
        {actions}
      </Group>
      {about && (
        <Text c="dimmed" size="sm">
          {about}
        </Text>
      )}
      {children}
    </Stack>
  );
}
