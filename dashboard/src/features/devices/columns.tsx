import { Text } from "@mantine/core";
import type { ReactNode } from "react";
import type { Column } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { PrivacyHours } from "@/ui/PrivacyHours";
import { Standing } from "@/ui/Standing";
import type { Device } from "./queries";
import { deviceStanding } from "./standing";

/** The table of devices; whose they are only where they can be someone else's. */
export function deviceColumns({ people }: { people: boolean }): Column<Device>[] {
  const person: Column<Device> = {
    title: "Person",
    cell: (device) => device.user_email,
    csv: (device) => device.user_email,
  };
  return [
    { title: "Device", cell: hostOf, csv: (device) => device.hostname },
    ...(people ? [person] : []),
    { title: "Status", cell: standingOf, csv: (device) => deviceStanding(device).word },
    { title: "Platform", cell: (device) => device.platform || "–", csv: (device) => device.platform },
    { title: "Agent", cell: (device) => device.agent_version || "–", csv: (device) => device.agent_version },
    {
      title: "Last seen",
      cell: (device) => <When at={device.last_seen_at} />,
      csv: (device) => device.last_seen_at,
    },
    {
      title: "Privacy Hours",
      cell: (device) => <PrivacyHours inUse={device.privacy_hours_in_use} />,
      csv: (device) => (device.privacy_hours_in_use ? "in use" : ""),
    },
    { title: "Certificate ends", cell: certificateOf, csv: (device) => device.certificate_not_after },
  ];
}

export function actionsColumn<Row>(cell: (row: Row) => ReactNode): Column<Row> {
  return { title: "Actions", figure: true, cell };
}

function hostOf(device: Device) {
  if (device.hostname) return <span dir="auto">{device.hostname}</span>;
  return (
    <Text span size="sm" c="dimmed">
      reserved <When at={device.created_at} />
    </Text>
  );
}

function standingOf(device: Device) {
  const { word, color, about } = deviceStanding(device);
  return (
    <Standing color={color} title={about}>
      {word}
    </Standing>
  );
}

function certificateOf(device: Device) {
  return device.status === "revoked" ? "–" : <When at={device.certificate_not_after} never="–" />;
}
