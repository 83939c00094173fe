import { Button, Group, SegmentedControl, Select } from "@mantine/core";
import { Suspense } from "react";
import { useList } from "@/api/pages";
import { useView } from "@/lib/view";
import { More } from "@/ui/More";
import { Named } from "@/ui/Named";
import { Page } from "@/ui/Page";
import { Empty, Waiting } from "@/ui/states";
import { AlertRow } from "./AlertRow";
import { alertsQuery } from "./queries";
import { type AlertsView, alertsView, filtersOf, SEVERITIES, STATUSES } from "./view";

export default function AlertsPage() {
  const [view, change] = useView(alertsView);
  return (
    <Page title="Alerts" about="What should be known about budgets and policies, said once when it happens.">
      <Filters view={view} change={change} />
      <Suspense fallback={<Waiting />}>
        <Alerts view={view} />
      </Suspense>
    </Page>
  );
}

type Props = { view: AlertsView; change: (changes: Partial<AlertsView>) => void };

const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);

function Filters({ view, change }: Props) {
  return (
    <Group gap="sm" role="search" aria-label="Narrow the alerts">
      <SegmentedControl
        size="xs"
        aria-label="Status"
        value={view.status}
        onChange={(status) => change({ status: STATUSES.find((word) => word === status) })}
        data={STATUSES.map((value) => ({ value, label: capital(value) }))}
      />
      <Select
        size="xs"
        w={150}
        aria-label="Severity"
        value={view.severity}
        allowDeselect={false}
        onChange={(severity) => change({ severity: SEVERITIES.find((word) => word === severity) })}
        data={SEVERITIES.map((value) => ({
          value,
          label: value === "all" ? "Any severity" : capital(value),
        }))}
      />
      {view.budget && (
        <Button size="xs" variant="light" onClick={() => change({ budget: undefined })}>
          About <Named kind="budget" id={view.budget} />, show all
        </Button>
      )}
    </Group>
  );
}

const NOTHING: Record<AlertsView["status"], string> = {
  open: "Nothing is open",
  acknowledged: "Nobody is taking care of one",
  resolved: "Nothing was resolved yet",
  all: "There are no alerts",
};

function Alerts({ view }: { view: AlertsView }) {
  const { items, more } = useList(alertsQuery(filtersOf(view)));
  if (items.length === 0)
    return (
      <Empty title={NOTHING[view.status]}>
        An alert comes when a budget reaches one of its thresholds, 70% and 90% unless it says otherwise, and
        when it is used up; and when a policy fires.
      </Empty>
    );
  return (
    <div>
      {items.map((alert) => (
        <AlertRow key={alert.id} alert={alert} />
      ))}
      <More {...more} noun="alerts" />
    </div>
  );
}
