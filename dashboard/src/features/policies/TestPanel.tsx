import { Progress, SegmentedControl, Stack, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useEffect, useState } from "react";
import { reasonOf } from "@/api/act";
import { exact } from "@/lib/format";
import { Columns } from "@/ui/Bars";
import { ChartWithTable } from "@/ui/ChartWithTable";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { Section } from "@/ui/Page";
import { type PolicyTest, useTest, useTryDraft } from "./queries";
import { type Draft, isWhole } from "./words";

type Result = NonNullable<PolicyTest["result"]>;

const DAYS = [7, 30, 90] as const;
const SERIES = [{ label: "Events", color: "var(--mantine-primary-color-filled)" }];
const BY_DAY: Column<Result["days"][number]>[] = [
  { title: "Day", cell: ({ day }) => day, csv: ({ day }) => day },
  {
    title: "Events",
    figure: true,
    cell: ({ events }) => exact(events),
    csv: ({ events }) => events,
  },
];
const LATEST: Column<Result["latest"][number]>[] = [
  { title: "First at", cell: ({ first_at }) => <When at={first_at} /> },
  { title: "For", cell: ({ subject }) => <span dir="auto">{subject}</span> },
  { title: "Why", cell: ({ reason }) => <span dir="auto">{reason}</span> },
  { title: "Events", figure: true, cell: ({ events }) => exact(events) },
];

/** What the draft would have done, tried anew whenever it changes. */
export function TestPanel({ draft }: { draft: Draft }) {
  const [days, setDays] = useState<(typeof DAYS)[number]>(30);
  const { trigger, conditions, actions } = draft;
  const whole = isWhole(draft);
  const said = JSON.stringify({ trigger, conditions, actions, days });
  const [asked] = useDebouncedValue(said, 800);
  // While it is being changed, what was said before may not be whole.
  const ready = whole && asked === said;
  const attempt = useTryDraft();
  const { mutate } = attempt;
  useEffect(() => {
    if (ready) mutate(JSON.parse(asked));
  }, [asked, ready, mutate]);
  const test = useTest(attempt.data?.id);
  return (
    <Section
      title="What it would have done"
      about="Tried on what happened, while you write. Nothing is done."
      actions={
        <SegmentedControl
          size="xs"
          aria-label="How far back"
          value={String(days)}
          onChange={(value) => setDays(DAYS.find((one) => String(one) === value) ?? 30)}
          data={DAYS.map((one) => ({ value: String(one), label: `${one} days` }))}
        />
      }
    >
      {!whole ? (
        <Text c="dimmed">Fill in every condition, and choose an action.</Text>
      ) : attempt.error ? (
        <Text c="red" role="alert">
          {reasonOf(attempt.error)}
        </Text>
      ) : test.data?.result ? (
        <Outcome result={test.data.result} />
      ) : test.data?.status === "failed" ? (
        <Text c="red" role="alert">
          The test failed. Change something, or try again later.
        </Text>
      ) : (
        <UnderWay test={test.data} />
      )}
    </Section>
  );
}

function UnderWay({ test }: { test: PolicyTest | undefined }) {
  const share = test?.events_all ? (100 * test.events_done) / test.events_all : 0;
  return (
    <Stack gap={4} role="status">
      <Text size="sm" c="dimmed">
        {test?.events_all
          ? `${exact(test.events_done)} of about ${exact(test.events_all)} events looked at`
          : "Waiting for the worker"}
      </Text>
      <Progress value={share} aria-label="How far the test is" />
    </Stack>
  );
}

function Outcome({ result }: { result: Result }) {
  return (
    <Stack gap="md">
      <Text role="status">
        It would have fired <b>{exact(result.firings)}</b> times for <b>{exact(result.people_all)}</b> people:{" "}
        {exact(result.events_matched)} of {exact(result.events_looked_at)} events.
        {result.refused_requests > 0 &&
          ` A block would have refused ${exact(result.refused_requests)} requests (${exact(result.refused_tokens)} tokens).`}
      </Text>
      <ChartWithTable
        title="Events that would have fired it"
        name="policy-test"
        columns={BY_DAY}
        rows={result.days}
        rowKey={({ day }) => day}
        empty="No days"
      >
        <Columns
          bars={result.days.map(({ day, events }) => ({ name: day.slice(5), values: [events] }))}
          series={SERIES}
        />
      </ChartWithTable>
      {result.latest.length > 0 && (
        <DataTable
          caption="The latest firings there would have been"
          columns={LATEST}
          rows={result.latest.slice(0, 10)}
          rowKey={({ subject_id, first_at }) => `${subject_id}${first_at}`}
        />
      )}
    </Stack>
  );
}
