import { Button, Group, Text } from "@mantine/core";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Section } from "@/ui/Page";
import { Standing } from "@/ui/Standing";
import { Empty } from "@/ui/states";
import { type BudgetAlert, budgetAlertsQuery, useActOnAlert } from "./queries";

const COLOURS: Record<BudgetAlert["severity"], string> = { info: "gray", warning: "yellow", critical: "red" };

/** The alerts of one budget, for those who may see them. */
export function BudgetAlerts({ budgetId }: { budgetId: string }) {
  const { items, more } = useList(budgetAlertsQuery(budgetId));
  const mayAct = useMay("alerts:write");
  const columns = mayAct ? [...COLUMNS, ACTIONS] : COLUMNS;
  return (
    <Section title="Alerts" about="Each threshold speaks once in a period.">
      {items.length === 0 ? (
        <Empty title="No alerts" />
      ) : (
        <DataTable
          caption="Alerts of this budget"
          columns={columns}
          rows={items}
          rowKey={(one) => one.id}
          minWidth={700}
        />
      )}
      {more.hasMore && <More noun="alerts" {...more} />}
    </Section>
  );
}

const COLUMNS: Column<BudgetAlert>[] = [
  {
    title: "Severity",
    cell: (one) => <Standing color={COLOURS[one.severity]}>{one.severity}</Standing>,
  },
  { title: "What", cell: (one) => <span dir="auto">{one.title}</span> },
  { title: "When", cell: (one) => <When at={one.created_at} /> },
  { title: "Status", cell: (one) => <Handled alert={one} /> },
];

function Handled({ alert }: { alert: BudgetAlert }) {
  const by = alert.status === "resolved" ? (alert.resolved_by ?? "itself") : alert.acknowledged_by;
  const at = alert.status === "resolved" ? alert.resolved_at : alert.acknowledged_at;
  return (
    <>
      <Text size="sm">{alert.status}</Text>
      {at && (
        <Text size="xs" c="dimmed">
          by {by}, <When at={at} />
        </Text>
      )}
    </>
  );
}

const ACTIONS: Column<BudgetAlert> = { title: "Act", cell: (one) => <Act alert={one} /> };

function Act({ alert }: { alert: BudgetAlert }) {
  const act = useActOnAlert();
  if (alert.status === "resolved") return null;
  return (
    <Group gap="xs" wrap="nowrap">
      {alert.status === "open" && (
        <Button
          size="compact-xs"
          variant="default"
          loading={act.isPending}
          aria-label={`Acknowledge: ${alert.title}`}
          title="You take care of it"
          onClick={() => act.mutate({ alertId: alert.id, step: "acknowledge" })}
        >
          Acknowledge
        </Button>
      )}
      <Button
        size="compact-xs"
        variant="default"
        loading={act.isPending}
        aria-label={`Resolve: ${alert.title}`}
        title="It is dealt with"
        onClick={() => act.mutate({ alertId: alert.id, step: "resolve" })}
      >
        Resolve
      </Button>
    </Group>
  );
}
