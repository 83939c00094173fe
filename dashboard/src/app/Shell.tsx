import { ActionIcon, AppShell, Burger, Button, Group, Kbd, ScrollArea, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import type { ReactNode } from "react";
import type { Session } from "@/api/session";
import { AccountMenu } from "./AccountMenu";
import { Navigation } from "./Navigation";
import { Palette } from "./Palette";
import { Unreachable } from "./Unreachable";

/** What stands around every page. */
export function Shell({ session, children }: { session: Session; children: ReactNode }) {
  const [opened, { toggle, close }] = useDisclosure();
  return (
    <AppShell
      header={{ height: 52 }}
      navbar={{ width: 220, breakpoint: "sm", collapsed: { mobile: !opened } }}
      padding={{ base: "md", md: "lg" }}
    >
      <a href="#content" className="skip">
        Skip to the content
      </a>
      <AppShell.Header>
        <Group h="100%" px="md" justify="space-between" wrap="nowrap">
          <Group gap="sm" wrap="nowrap" style={{ minWidth: 0 }}>
            <Burger opened={opened} onClick={toggle} hiddenFrom="sm" size="sm" aria-label="Navigation" />
            <img src="/favicon.svg" alt="" width={24} height={24} />
            <Text fw={600} className="clip" title={session.organization} dir="auto">
              {session.organization}
            </Text>
          </Group>
          <Group gap="xs" wrap="nowrap">
            <Button
              variant="default"
              size="compact-sm"
              fw={500}
              visibleFrom="sm"
              leftSection={<IconSearch size={14} />}
              rightSection={<Kbd size="xs">Ctrl K</Kbd>}
              onClick={spotlight.open}
            >
              Go to
            </Button>
            <ActionIcon
              variant="default"
              size="lg"
              hiddenFrom="sm"
              aria-label="Go to"
              onClick={spotlight.open}
            >
              <IconSearch size={16} />
            </ActionIcon>
            <AccountMenu session={session} />
          </Group>
        </Group>
      </AppShell.Header>
      <AppShell.Navbar p="xs" aria-label="Pages">
        <ScrollArea>
          <Navigation session={session} onGo={close} />
        </ScrollArea>
      </AppShell.Navbar>
      <AppShell.Main id="content" tabIndex={-1}>
        <Unreachable />
        {children}
      </AppShell.Main>
      <Palette session={session} />
    </AppShell>
  );
}
