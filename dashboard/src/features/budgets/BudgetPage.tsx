import { Alert, Button, SegmentedControl, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { useState } from "react";
import { departmentTreeQuery } from "@/api/departments";
import { useMay } from "@/api/session";
import { exact } from "@/lib/format";
import { flag, useView, viewOf } from "@/lib/view";
import { Page } from "@/ui/Page";
import { BudgetDrawer } from "./BudgetDrawer";
import { Cards } from "./Cards";
import { DepartmentTree } from "./DepartmentTree";
import { startValues, type Values } from "./form";
import { OtherBudgets } from "./OtherBudgets";
import { PendingBanner } from "./PendingBanner";
import { budgetsQuery } from "./queries";
import { placed } from "./tree";
import { useLiveLevels } from "./useLiveLevels";

const readView = viewOf({ archived: flag });

export default function BudgetPage() {
  const [{ archived }, change] = useView(readView);
  const mayWrite = useMay("budgets:write");
  const [making, setMaking] = useState<Values | null>(null);
  const make = (department = "") =>
    setMaking({ ...startValues(department), ...(department === "" && { scope: "organization" }) });
  return (
    <Page
      title="Budget"
      about="What may be used in a period, and what was used of it so far."
      actions={
        <>
          <Button variant="default" component={Link} to="/budget/exemptions/new">
            Ask for an exemption
          </Button>
          {mayWrite && (
            <Button leftSection={<IconPlus size={16} />} onClick={() => setMaking(startValues())}>
              Add a budget
            </Button>
          )}
        </>
      }
    >
      <PendingBanner />
      <SegmentedControl
        aria-label="Which budgets"
        style={{ alignSelf: "flex-start" }}
        value={archived ? "archived" : "live"}
        onChange={(shown) => change({ archived: shown === "archived" })}
        data={[
          { value: "live", label: "In force" },
          { value: "archived", label: "Archived" },
        ]}
      />
      {archived ? <Archived /> : <Live onAdd={mayWrite ? make : undefined} />}
      <BudgetDrawer start={making} onClose={() => setMaking(null)} />
    </Page>
  );
}

function Live({ onAdd }: { onAdd?: (department: string) => void }) {
  useLiveLevels();
  const { data: root } = useSuspenseQuery(departmentTreeQuery);
  const { data: budgets } = useSuspenseQuery(budgetsQuery(false));
  const { below, above, users } = placed(root, budgets.items);
  return (
    <>
      <Cards root={root} budgets={budgets.items} />
      {budgets.items.length === 0 && <NoneYet mayAdd={onAdd !== undefined} />}
      <Cut {...budgets} />
      <OtherBudgets
        title="Above you"
        about="Budgets of the departments above yours. What you use counts in them too."
        budgets={above}
      />
      <DepartmentTree root={root} budgets={below} onAdd={onAdd} />
      <OtherBudgets title="People" about="Budgets of one person each." budgets={users} />
    </>
  );
}

function Archived() {
  const { data: budgets } = useSuspenseQuery(budgetsQuery(true));
  return (
    <>
      <Cut {...budgets} />
      <OtherBudgets
        title="Archived budgets"
        about="They neither count nor block any more. Their history stays."
        budgets={budgets.items}
        empty="No budget has been archived"
      />
    </>
  );
}

function NoneYet({ mayAdd }: { mayAdd: boolean }) {
  return (
    <Alert color="gray" title="There is no budget yet">
      {mayAdd
        ? "Begin with a soft cap for the whole organisation: it warns and blocks nobody."
        : "Nothing limits what you use. When an admin sets a budget, it is shown here."}
    </Alert>
  );
}

/** Not all are here; no list is read without an end. */
function Cut({ items, total }: { items: readonly unknown[]; total: number }) {
  if (total <= items.length) return null;
  return (
    <Text size="sm" c="dimmed">
      The newest {exact(items.length)} of {exact(total)} budgets are shown.
    </Text>
  );
}
