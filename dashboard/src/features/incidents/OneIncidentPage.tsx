import { Anchor, Button, Group, Paper, Select, SimpleGrid, Stack, Text, Textarea } from "@mantine/core";
import { useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { Link, useParams } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { shortId } from "@/ui/Named";
import { Page, Section } from "@/ui/Page";
import { PersonSelect } from "@/ui/PersonSelect";
import { Standing } from "@/ui/Standing";
import { Waiting } from "@/ui/states";
import {
  type Entry,
  type Incident,
  incidentQuery,
  linksQuery,
  timelineQuery,
  useChangeIncident,
  useComment,
} from "./queries";
import { entrySays, STATE_COLOURS, STATES } from "./words";

const SEVERITIES = ["info", "warning", "critical"] as const;

/** One incident: where it stands, what it is about, what happened. */
export default function OneIncidentPage() {
  const { incidentId = "" } = useParams({ strict: false }) as { incidentId?: string };
  const { data: incident } = useSuspenseQuery(incidentQuery(incidentId));
  const mayWrite = useMay("incidents:write");
  return (
    <Page
      title={`#${incident.number} ${incident.title}`}
      about={
        <>
          <Standing color={STATE_COLOURS[incident.state]}>{incident.state}</Standing> Opened{" "}
          <When at={incident.opened_at} /> by {incident.opened_by ?? "a policy"}.
        </>
      }
      actions={
        <Button component={Link} to="/incidents" variant="subtle">
          All incidents
        </Button>
      }
    >
      <SimpleGrid cols={{ base: 1, md: 2 }} spacing="xl">
        <Stack gap="md">
          {mayWrite && <Fields incident={incident} />}
          <About incident={incident} />
        </Stack>
        <Section title="What happened">
          {mayWrite && <CommentForm incidentId={incident.id} />}
          <Suspense fallback={<Waiting />}>
            <Timeline incidentId={incident.id} />
          </Suspense>
        </Section>
      </SimpleGrid>
    </Page>
  );
}

function Fields({ incident }: { incident: Incident }) {
  const change = useChangeIncident(incident.id);
  return (
    <Group grow align="flex-start">
      <Select
        label="State"
        allowDeselect={false}
        value={incident.state}
        data={[...STATES]}
        onChange={(to) => change.mutate({ state: STATES.find((one) => one === to) })}
      />
      <Select
        label="Severity"
        allowDeselect={false}
        value={incident.severity}
        data={[...SEVERITIES]}
        onChange={(to) => change.mutate({ severity: SEVERITIES.find((one) => one === to) })}
      />
      <PersonSelect
        label="Owner"
        value={incident.owner_id}
        called={incident.owner_email}
        onChange={(owner_id) => change.mutate({ owner_id })}
      />
    </Group>
  );
}

function About({ incident }: { incident: Incident }) {
  const { data: links = [] } = useQuery(linksQuery(incident.id));
  return (
    <Section title="What it is about">
      {incident.description && (
        <Text style={{ whiteSpace: "pre-wrap" }} className="names" dir="auto">
          {incident.description}
        </Text>
      )}
      <Text size="sm" className="names">
        {incident.user_email ?? incident.department ?? "Nobody in particular"}
      </Text>
      {incident.policy_id && (
        <Anchor component={Link} to={`/policies/${incident.policy_id}`} size="sm" underline="always">
          The policy that opened it
        </Anchor>
      )}
      {links.map(({ kind, id }) => (
        <Text key={id} size="sm">
          {kind === "alert" ? (
            <Anchor component={Link} to="/alerts" inherit underline="always">
              An alert
            </Anchor>
          ) : kind === "risk_event" ? (
            <Anchor component={Link} to="/risk-events" inherit underline="always">
              A risk event
            </Anchor>
          ) : (
            <>A request, {shortId(id)}</>
          )}
        </Text>
      ))}
    </Section>
  );
}

function CommentForm({ incidentId }: { incidentId: string }) {
  const [text, setText] = useState("");
  const comment = useComment(incidentId);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        comment.mutate(text, { onSuccess: () => setText("") });
      }}
    >
      <Stack gap="xs">
        <Textarea
          label="Comment"
          autosize
          minRows={2}
          maxLength={10_000}
          dir="auto"
          value={text}
          onChange={({ target }) => setText(target.value)}
        />
        <Group justify="flex-end">
          <Button type="submit" variant="default" disabled={text.trim() === ""} loading={comment.isPending}>
            Comment
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Timeline({ incidentId }: { incidentId: string }) {
  const { items, more } = useList(timelineQuery(incidentId));
  return (
    <>
      {items.map((entry) => (
        <Line key={entry.id} entry={entry} />
      ))}
      <More {...more} noun="lines" />
    </>
  );
}

function Line({ entry }: { entry: Entry }) {
  const { text } = entry.details;
  return (
    <Paper className="ruled" py="xs" radius={0} bg="transparent">
      <Text size="sm">
        {entrySays(entry)}
        {entry.owner && `: ${entry.owner}`}
      </Text>
      {typeof text === "string" && (
        <Text style={{ whiteSpace: "pre-wrap" }} className="names" dir="auto">
          {text}
        </Text>
      )}
      <Text size="sm" c="dimmed">
        <When at={entry.at} /> by {entry.by ?? "a policy"}
      </Text>
    </Paper>
  );
}
