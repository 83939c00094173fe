import {
  Anchor,
  Button,
  Group,
  Modal,
  SegmentedControl,
  Select,
  Stack,
  Textarea,
  TextInput,
} from "@mantine/core";
import { useForm } from "@mantine/form";
import { Link, useNavigate } from "@tanstack/react-router";
import { Suspense, useState } from "react";
import { fieldErrors } from "@/api/act";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { oneOf, useView, viewOf } from "@/lib/view";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { FormError } from "@/ui/FormError";
import { More } from "@/ui/More";
import { Page } from "@/ui/Page";
import { PersonSelect } from "@/ui/PersonSelect";
import { Standing } from "@/ui/Standing";
import { Empty, Waiting } from "@/ui/states";
import { type Incident, incidentsQuery, useOpenIncident } from "./queries";
import { STATE_COLOURS, STATES } from "./words";

const SHOWN = [...STATES, "all"] as const;
const SEVERITIES = ["info", "warning", "critical"] as const;
const readView = viewOf({ state: oneOf(SHOWN) });

export default function IncidentsPage() {
  const [{ state }, change] = useView(readView);
  const [opening, setOpening] = useState(false);
  const mayWrite = useMay("incidents:write");
  return (
    <Page
      title="Incidents"
      about="What people look into: opened by a policy, or by hand."
      actions={mayWrite && <Button onClick={() => setOpening(true)}>Open an incident</Button>}
    >
      <Group role="search" aria-label="Narrow the incidents">
        <SegmentedControl
          size="xs"
          aria-label="State"
          value={state}
          onChange={(to) => change({ state: oneOf(SHOWN)(to) })}
          data={SHOWN.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
        />
      </Group>
      <Suspense fallback={<Waiting />}>
        <Incidents state={state === "all" ? undefined : state} />
      </Suspense>
      <Modal opened={opening} onClose={() => setOpening(false)} title="Open an incident">
        <OpenForm onClose={() => setOpening(false)} />
      </Modal>
    </Page>
  );
}

const COLUMNS: Column<Incident>[] = [
  { title: "#", figure: true, cell: ({ number }) => number },
  {
    title: "Incident",
    cell: ({ id, title }) => (
      <Anchor component={Link} to={`/incidents/${id}`} underline="always" dir="auto">
        {title}
      </Anchor>
    ),
  },
  {
    title: "State",
    cell: ({ state }) => <Standing color={STATE_COLOURS[state]}>{state}</Standing>,
  },
  { title: "Severity", cell: ({ severity }) => severity },
  {
    title: "About",
    cell: ({ user_email, department }) => <span dir="auto">{user_email ?? department ?? "–"}</span>,
  },
  { title: "Owner", cell: ({ owner_email }) => owner_email ?? "nobody yet" },
  { title: "Opened", cell: ({ opened_at }) => <When at={opened_at} /> },
];

function Incidents({ state }: { state: Incident["state"] | undefined }) {
  const { items, more } = useList(incidentsQuery(state));
  if (items.length === 0)
    return (
      <Empty title={state ? `No incident is ${state}` : "No incidents yet"}>
        A policy with the action “Open an incident” opens one when it fires. You can open one by hand.
      </Empty>
    );
  return (
    <>
      <DataTable caption="Incidents" columns={COLUMNS} rows={items} rowKey={({ id }) => id} minWidth={820} />
      <More {...more} noun="incidents" />
    </>
  );
}

function OpenForm({ onClose }: { onClose: () => void }) {
  const open = useOpenIncident();
  const navigate = useNavigate();
  const form = useForm({
    initialValues: { title: "", description: "", severity: "warning", user_id: null as string | null },
  });
  const send = form.onSubmit(({ severity, ...rest }) =>
    open.mutate(
      { ...rest, severity: SEVERITIES.find((one) => one === severity) ?? "warning" },
      {
        onSuccess: ({ id }) => {
          onClose();
          void navigate({ to: `/incidents/${id}` });
        },
        onError: (failed) => form.setErrors(fieldErrors(failed)),
      },
    ),
  );
  return (
    <form onSubmit={send}>
      <Stack>
        <FormError>{form.errors[""]}</FormError>
        <TextInput label="Title" required maxLength={300} data-autofocus {...form.getInputProps("title")} />
        <Textarea
          label="What is known"
          description="Do not put anything of prompts here."
          autosize
          minRows={2}
          {...form.getInputProps("description")}
        />
        <Select
          label="Severity"
          allowDeselect={false}
          data={[...SEVERITIES]}
          {...form.getInputProps("severity")}
        />
        <PersonSelect label="About whom" {...form.getInputProps("user_id")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={open.isPending}>
            Open it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
