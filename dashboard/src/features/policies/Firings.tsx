import { Anchor, Badge } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { useList } from "@/api/pages";
import { exact } from "@/lib/format";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Empty } from "@/ui/states";
import { type Firing, firingsQuery } from "./queries";

const COLUMNS: Column<Firing>[] = [
  { title: "Fired", cell: ({ fired_at }) => <When at={fired_at} /> },
  {
    title: "Policy",
    cell: ({ policy, policy_id, shadow }) => (
      <>
        <Anchor component={Link} to={`/policies/${policy_id}`} underline="always" dir="auto">
          {policy}
        </Anchor>{" "}
        {shadow && (
          <Badge variant="default" tt="none" fw={500}>
            on paper
          </Badge>
        )}
      </>
    ),
  },
  { title: "For", cell: ({ subject }) => <span dir="auto">{subject || "someone who is gone"}</span> },
  { title: "Why", cell: ({ reason }) => <span dir="auto">{reason}</span> },
  { title: "Events", figure: true, cell: ({ events }) => exact(events) },
  {
    title: "Incident",
    cell: ({ incident_id }) =>
      incident_id && (
        <Anchor component={Link} to={`/incidents/${incident_id}`} underline="always">
          See it
        </Anchor>
      ),
  },
];

/** When policies fired, or one of them. */
export function Firings({ policyId }: { policyId?: string }) {
  const { items, more } = useList(firingsQuery(policyId));
  if (items.length === 0)
    return (
      <Empty title="Nothing has fired">
        A policy fires once for a person or department and a window of time, and counts the events in it.
      </Empty>
    );
  return (
    <>
      <DataTable caption="Firings" columns={COLUMNS} rows={items} rowKey={({ id }) => id} minWidth={820} />
      <More {...more} noun="firings" />
    </>
  );
}
