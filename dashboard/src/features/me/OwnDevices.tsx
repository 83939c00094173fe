import { Badge, Paper, Text } from "@mantine/core";
import type { Schemas } from "@/api/client";
import { useList } from "@/api/pages";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Section } from "@/ui/Page";
import { PrivacyHours } from "@/ui/PrivacyHours";
import { Empty } from "@/ui/states";
import { devicesOfQuery } from "./queries";

type Device = Schemas["DeviceAnswer"];

const COLUMNS: Column<Device>[] = [
  {
    title: "Device",
    cell: (row) => (
      <Text size="sm" className="clip" dir="auto" title={row.hostname}>
        {row.hostname || "not yet enrolled"}
      </Text>
    ),
  },
  { title: "Platform", cell: (row) => row.platform },
  { title: "Agent", cell: (row) => row.agent_version },
  { title: "Status", cell: (row) => <Status device={row} /> },
  { title: "Privacy Hours", cell: (row) => <PrivacyHours inUse={row.privacy_hours_in_use} /> },
  { title: "Last heard from", cell: (row) => <When at={row.last_seen_at} /> },
];

/** The devices that send someone's usage. */
export function OwnDevices({ userId }: { userId: string }) {
  const { items, more } = useList(devicesOfQuery(userId));
  return (
    <Section title="Your devices" about="What sends usage in your name.">
      <Paper withBorder p="md">
        {items.length === 0 ? (
          <Empty title="No device is enrolled for you">So nothing of your usage is sent from one.</Empty>
        ) : (
          <>
            <DataTable caption="Your devices" columns={COLUMNS} rows={items} rowKey={(row) => row.id} />
            {more.hasMore && <More {...more} noun="devices" />}
          </>
        )}
      </Paper>
    </Section>
  );
}

function Status({ device }: { device: Device }) {
  if (device.silent)
    return (
      <Badge variant="light" color="yellow" tt="none" title="Not heard of for 24 hours">
        silent
      </Badge>
    );
  return (
    <Badge variant="light" color={device.status === "enrolled" ? "teal" : "gray"} tt="none">
      {device.status}
    </Badge>
  );
}
