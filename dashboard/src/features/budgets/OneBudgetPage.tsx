import { useSuspenseQuery } from "@tanstack/react-query";
import { useParams } from "@tanstack/react-router";
import { Suspense } from "react";
import { useMay } from "@/api/session";
import { Page } from "@/ui/Page";
import { Waiting } from "@/ui/states";
import { BudgetActions } from "./BudgetActions";
import { BudgetAlerts } from "./BudgetAlerts";
import { Cap } from "./BudgetLine";
import { Holds } from "./Holds";
import { Periods } from "./Periods";
import { PresentPeriod } from "./PresentPeriod";
import { budgetQuery } from "./queries";
import { Rollovers } from "./Rollovers";
import { useLiveLevels } from "./useLiveLevels";
import { scopeOf } from "./words";

export default function OneBudgetPage() {
  useLiveLevels();
  const { budgetId = "" } = useParams({ strict: false });
  const { data: budget } = useSuspenseQuery(budgetQuery(budgetId));
  const mayWrite = useMay("budgets:write");
  const maySeeAlerts = useMay("alerts:read");
  return (
    <Page
      title={budget.name}
      about={
        <span className="names" dir="auto">
          {budget.period} budget, {scopeOf(budget)} <Cap budget={budget} />
        </span>
      }
      actions={mayWrite && !budget.archived_at && <BudgetActions budget={budget} />}
    >
      <PresentPeriod budget={budget} />
      <Suspense fallback={<Waiting />}>
        <Periods budget={budget} />
        {!budget.archived_at && budget.hard_cap && <Holds budget={budget} />}
        {maySeeAlerts && <BudgetAlerts budgetId={budget.id} />}
        <Rollovers budget={budget} />
      </Suspense>
    </Page>
  );
}
