import { Alert, Button, Tabs } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { exact } from "@/lib/format";
import { oneOf, useView, viewOf } from "@/lib/view";
import { DataTable } from "@/ui/DataTable";
import { More } from "@/ui/More";
import { Page } from "@/ui/Page";
import { Empty, Waiting } from "@/ui/states";
import { usePendingExemptions } from "../budgets/queries";
import { columnsOf } from "./columns";
import { type Exemption, exemptionsQuery, STATUSES, type Status, type Verdict } from "./queries";
import { type Review, ReviewDialog } from "./ReviewDialog";

const readView = viewOf({ status: oneOf(STATUSES) });

const EMPTY: Record<Status, [title: string, why: string]> = {
  pending: ["Nothing waits for a decision", "Requests are here until an admin or owner decides them."],
  approved: ["Nothing has been approved", "Approved requests are here, with how much of each was used."],
  denied: ["Nothing has been denied", "Denied requests are here, with the reviewer's notes."],
  expired: ["Nothing has expired", "A request that nobody decides before its period ends is here."],
};

const LABELS: Record<Status, string> = {
  pending: "Pending",
  approved: "Approved",
  denied: "Denied",
  expired: "Expired",
};

export default function ExemptionsPage() {
  const [{ status }, change] = useView(readView);
  const mayReview = useMay("budgets:write");
  const mayAsk = useMay("exemptions:ask");
  return (
    <Page
      title="Exemptions"
      about="Extra tokens for one person, until the end of a period."
      actions={
        mayAsk && (
          <Button component={Link} to="/budget/exemptions/new">
            Ask for an exemption
          </Button>
        )
      }
    >
      {mayReview && <WaitingFor />}
      <Tabs value={status} onChange={(to) => change({ status: oneOf(STATUSES)(to) })} keepMounted={false}>
        <Tabs.List mb="sm">
          {STATUSES.map((one) => (
            <Tabs.Tab key={one} value={one}>
              {LABELS[one]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        {STATUSES.map((one) => (
          <Tabs.Panel key={one} value={one}>
            <Suspense fallback={<Waiting />}>
              <Requests status={one} mayReview={mayReview} />
            </Suspense>
          </Tabs.Panel>
        ))}
      </Tabs>
    </Page>
  );
}

function WaitingFor() {
  const { data: waiting = 0 } = usePendingExemptions(true);
  if (waiting === 0) return null;
  return (
    <Alert color="yellow" variant="light" role="status">
      {waiting === 1 ? "One request waits" : `${exact(waiting)} requests wait`} for your decision.
    </Alert>
  );
}

function Requests({ status, mayReview }: { status: Status; mayReview: boolean }) {
  const { items, more } = useList(exemptionsQuery(status));
  const [review, setReview] = useState<Review | null>(null);
  const onReview =
    mayReview && status === "pending"
      ? (of: Exemption, verdict: Verdict) => setReview({ of, verdict })
      : undefined;
  const [title, why] = EMPTY[status];
  if (items.length === 0) return <Empty title={title}>{why}</Empty>;
  return (
    <>
      <DataTable
        caption={`Exemptions: ${LABELS[status]}`}
        columns={columnsOf(status, onReview)}
        rows={items}
        rowKey={(one) => one.id}
        minWidth={820}
      />
      <More noun="requests" {...more} />
      <ReviewDialog review={review} onClose={() => setReview(null)} />
    </>
  );
}
