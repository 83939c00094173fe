import { Group, Paper, SimpleGrid, Skeleton, Stack, Text } from "@mantine/core";
import { IconShieldCheck, IconShieldX } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import dayjs from "dayjs";
import type { ReactNode } from "react";
import type { Schemas } from "@/api/client";
import { overviewQuery } from "@/features/usage/queries";
import { exact } from "@/lib/format";
import { Explained } from "@/ui/Explained";
import { Tokens } from "@/ui/Figure";

type Overview = Schemas["Overview"];

/** The last 30 days in four figures. Each says where it comes from. */
export function Tiles() {
  const { data, dataUpdatedAt } = useSuspenseQuery(overviewQuery);
  const readAt = `Read at ${dayjs(dataUpdatedAt).format("HH:mm:ss")}.`;
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md">
      <Tile
        name="Enrolled Devices"
        why={`Devices with an active agent certificate, as far as you may see. Those pending or revoked are not counted. ${readAt}`}
        beside={`${exact(data.reporting_devices)} heard from within 24 hours`}
      >
        {exact(data.enrolled_devices)}
      </Tile>
      <Tile
        name="Active Users"
        why={`People with at least one usage event in the last ${data.days} days, today included, as far as you may see. ${readAt}`}
        beside={`in the last ${data.days} days`}
      >
        {exact(data.active_users)}
      </Tile>
      <Tile
        name="Total Tokens (30d)"
        why={whyTokens(data, readAt)}
        beside={`in ${exact(data.total_requests)} requests`}
      >
        <Tokens count={data.total_tokens} />
      </Tile>
      <Tile
        name="Protected"
        why={`Whether active monitoring is running: yes while at least one enrolled device was heard from within the last 24 hours. Now ${exact(data.reporting_devices)} of ${exact(data.enrolled_devices)} were. ${readAt}`}
        beside={data.protected ? "Monitoring is running" : "No device was heard from within 24 hours"}
      >
        <Protected yes={data.protected} />
      </Tile>
    </SimpleGrid>
  );
}

function whyTokens({ input_tokens, output_tokens, total_requests }: Overview, readAt: string): string {
  return (
    `Estimated input + output tokens across all providers: ${exact(input_tokens)} input and ` +
    `${exact(output_tokens)} output, from ${exact(total_requests)} requests. They are worked out on the devices from ` +
    `sizes; where a provider's own count is there, that one counts. ${readAt}`
  );
}

function Protected({ yes }: { yes: boolean }) {
  const Icon = yes ? IconShieldCheck : IconShieldX;
  const colour = yes ? "teal" : "red";
  return (
    <Group gap={6} component="span" wrap="nowrap">
      <Icon size={26} stroke={1.7} color={`var(--mantine-color-${colour}-6)`} aria-hidden />
      {yes ? "Yes" : "No"}
    </Group>
  );
}

type TileProps = { name: string; why: string; beside: string; children: ReactNode };

function Tile({ name, why, beside, children }: TileProps) {
  return (
    <Paper withBorder p="md" component="section" aria-label={name}>
      <Stack gap={2} align="flex-start">
        <Explained why={why}>
          <Text span size="sm" c="dimmed">
            {name}
          </Text>
        </Explained>
        <Text component="div" fz={30} fw={620} lh={1.3}>
          {children}
        </Text>
        <Text size="xs" c="dimmed">
          {beside}
        </Text>
      </Stack>
    </Paper>
  );
}

/** The place of the tiles while they are asked for: nothing moves when they come. */
export function TilesWaiting() {
  return (
    <SimpleGrid cols={{ base: 2, md: 4 }} spacing="md" role="status" aria-label="Loading">
      {["devices", "users", "tokens", "protected"].map((tile) => (
        <Skeleton key={tile} h={116} />
      ))}
    </SimpleGrid>
  );
}
