import { Paper, Text } from "@mantine/core";
import dayjs from "dayjs";
import { useState } from "react";
import type { Schemas } from "@/api/client";
import { useList } from "@/api/pages";
import { useSession } from "@/api/session";
import { activityQuery } from "@/features/usage/queries";
import { exact, instant } from "@/lib/format";
import { BasisMark } from "@/ui/Basis";
import { type Column, DataTable } from "@/ui/DataTable";
import { Tokens } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Section } from "@/ui/Page";
import { Empty } from "@/ui/states";

type Summary = Schemas["UsageSummary"];

const COLUMNS: Column<Summary>[] = [
  { title: "Hour", cell: (row) => <Hour at={row.starts_at} /> },
  {
    title: "Who",
    cell: (row) => (
      <Text size="sm" className="clip" dir="auto" title={`${row.user_email}, ${row.department}`}>
        {row.user_email}
      </Text>
    ),
  },
  { title: "Model", cell: (row) => row.model },
  { title: "Requests", figure: true, cell: (row) => exact(row.total_requests) },
  { title: "Tokens", figure: true, cell: (row) => <Tokens count={row.total_tokens} /> },
  { title: "Count", cell: (row) => <BasisMark basis={row.basis} /> },
];

const ALONE = COLUMNS.filter(({ title }) => title !== "Who");

/** What was used lately, hour by hour. */
export function Activity() {
  const alone = useSession().role === "member";
  const [since] = useState(() => dayjs().subtract(1, "day").format("YYYY-MM-DD"));
  const { items, more } = useList(activityQuery(since));
  return (
    <Section title="Recent activity" about="Yesterday and today, by the hour, the newest first.">
      <Paper withBorder p="md">
        {items.length === 0 ? (
          <Empty title="Nothing was used since yesterday" />
        ) : (
          <>
            <DataTable
              caption="Recent activity"
              columns={alone ? ALONE : COLUMNS}
              rows={items}
              rowKey={(row) =>
                [row.starts_at, row.user_id, row.department_id, row.provider, row.model, row.basis].join()
              }
            />
            <More {...more} noun="entries" />
          </>
        )}
      </Paper>
    </Section>
  );
}

function Hour({ at }: { at: string }) {
  const start = dayjs(at);
  const today = start.isSame(dayjs(), "day");
  return (
    <time dateTime={at} title={`The hour from ${instant(at)}`} style={{ whiteSpace: "nowrap" }}>
      {start.format(today ? "[Today] HH:mm" : "ddd HH:mm")}
    </time>
  );
}
