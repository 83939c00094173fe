import { Group, SegmentedControl, Tabs } from "@mantine/core";
import { Suspense } from "react";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { oneOf, useView, viewOf } from "@/lib/view";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Page } from "@/ui/Page";
import { Standing } from "@/ui/Standing";
import { Empty, Waiting } from "@/ui/states";
import { GitHub } from "./GitHub";
import { type Risk, risksQuery } from "./queries";

const TABS = ["events", "github"] as const;
const LEVELS = ["all", "critical", "high", "medium", "low"] as const;
const COLOURS: Record<Risk["level"], string> = {
  critical: "red",
  high: "orange",
  medium: "yellow",
  low: "gray",
};
const readView = viewOf({ tab: oneOf(TABS), level: oneOf(LEVELS) });

export default function RisksPage() {
  const [{ tab, level }, change] = useView(readView);
  const maySetUp = useMay("risks:write");
  return (
    <Page
      title="Risk events"
      about="Signs that work may leave the house. By themselves they do nothing: policies act on them."
    >
      <Tabs value={tab} onChange={(to) => change({ tab: oneOf(TABS)(to) })} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="events">Events</Tabs.Tab>
          {maySetUp && <Tabs.Tab value="github">GitHub</Tabs.Tab>}
        </Tabs.List>
        <Tabs.Panel value="events">
          <Group role="search" aria-label="Narrow the risk events" mb="sm">
            <SegmentedControl
              size="xs"
              aria-label="Level"
              value={level}
              onChange={(to) => change({ level: oneOf(LEVELS)(to) })}
              data={LEVELS.map((value) => ({ value, label: value === "all" ? "Any level" : value }))}
            />
          </Group>
          <Suspense fallback={<Waiting />}>
            <Risks level={level === "all" ? undefined : level} />
          </Suspense>
        </Tabs.Panel>
        {maySetUp && (
          <Tabs.Panel value="github">
            <Suspense fallback={<Waiting />}>
              <GitHub />
            </Suspense>
          </Tabs.Panel>
        )}
      </Tabs>
    </Page>
  );
}

const COLUMNS: Column<Risk>[] = [
  { title: "When", cell: ({ occurred_at }) => <When at={occurred_at} /> },
  { title: "Level", cell: ({ level }) => <Standing color={COLOURS[level]}>{level}</Standing> },
  { title: "What", cell: ({ title }) => <span dir="auto">{title}</span> },
  { title: "Whose", cell: ({ user_email, login }) => user_email ?? login ?? "not known" },
  { title: "Repository", cell: ({ repository }) => repository ?? "–" },
  { title: "From", cell: ({ source }) => (source === "github" ? "GitHub" : "another scanner") },
];

function Risks({ level }: { level: Risk["level"] | undefined }) {
  const { items, more } = useList(risksQuery(level));
  if (items.length === 0)
    return (
      <Empty title="No risk events">
        They come from a GitHub App's webhook, or other scanners report them over the API.
      </Empty>
    );
  return (
    <>
      <DataTable
        caption="Risk events"
        columns={COLUMNS}
        rows={items}
        rowKey={({ id }) => id}
        minWidth={820}
      />
      <More {...more} noun="risk events" />
    </>
  );
}
