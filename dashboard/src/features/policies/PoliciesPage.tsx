import { Anchor, Button, Tabs } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Suspense } from "react";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { exact } from "@/lib/format";
import { oneOf, useView, viewOf } from "@/lib/view";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Page } from "@/ui/Page";
import { Standing } from "@/ui/Standing";
import { Empty, Waiting } from "@/ui/states";
import { Blocks } from "./Blocks";
import { Firings } from "./Firings";
import { type Policy, policiesQuery } from "./queries";
import { ACTIONS, STATUS, triggerSays } from "./words";

const TABS = ["policies", "firings", "blocks"] as const;
const readView = viewOf({ tab: oneOf(TABS) });

export default function PoliciesPage() {
  const [{ tab }, change] = useView(readView);
  const mayWrite = useMay("policies:write");
  return (
    <Page
      title="Policies"
      about="Rules that watch what happens, and act. Budgets limit spending; policies answer events."
      actions={
        mayWrite && (
          <Button component={Link} to="/policies/new">
            New policy
          </Button>
        )
      }
    >
      <Tabs value={tab} onChange={(to) => change({ tab: oneOf(TABS)(to) })} keepMounted={false}>
        <Tabs.List mb="sm">
          <Tabs.Tab value="policies">Policies</Tabs.Tab>
          <Tabs.Tab value="firings">Firings</Tabs.Tab>
          <Tabs.Tab value="blocks">Blocks</Tabs.Tab>
        </Tabs.List>
        <Suspense fallback={<Waiting />}>
          <Tabs.Panel value="policies">
            <Policies />
          </Tabs.Panel>
          <Tabs.Panel value="firings">
            <Firings />
          </Tabs.Panel>
          <Tabs.Panel value="blocks">
            <Blocks />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
    </Page>
  );
}

const COLUMNS: Column<Policy>[] = [
  {
    title: "Policy",
    cell: (policy) => (
      <Anchor component={Link} to={`/policies/${policy.id}`} underline="always" dir="auto">
        {policy.name}
      </Anchor>
    ),
  },
  {
    title: "Status",
    cell: ({ status }) => (
      <Standing color={STATUS[status].color} title={STATUS[status].about}>
        {STATUS[status].word}
      </Standing>
    ),
  },
  { title: "Fires when", cell: ({ trigger }) => triggerSays(trigger) },
  { title: "Then", cell: ({ actions }) => actions.map(({ type }) => ACTIONS[type]).join(", ") },
  {
    title: "Fired in 30 days",
    figure: true,
    cell: ({ firings, shadow_firings, status }) =>
      status === "shadow" ? `${exact(shadow_firings)} on paper` : exact(firings),
  },
  { title: "Changed", cell: ({ changed_at }) => <When at={changed_at} /> },
];

function Policies() {
  const { items, more } = useList(policiesQuery);
  if (items.length === 0)
    return (
      <Empty title="No policies yet">
        A policy is made as a draft. It can be tried on what happened before it does anything.
      </Empty>
    );
  return (
    <>
      <DataTable caption="Policies" columns={COLUMNS} rows={items} rowKey={({ id }) => id} minWidth={820} />
      <More {...more} noun="policies" />
    </>
  );
}
