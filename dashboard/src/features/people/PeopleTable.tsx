import { Group } from "@mantine/core";
import { useState } from "react";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { instant } from "@/lib/format";
import { CsvButton } from "@/ui/CsvButton";
import { type Column, DataTable } from "@/ui/DataTable";
import { More } from "@/ui/More";
import { SecretOnce } from "@/ui/SecretOnce";
import { Empty } from "@/ui/states";
import { EMAIL_COLUMN, PEOPLE_COLUMNS } from "./columns";
import { PersonActions } from "./PersonActions";
import { PersonForm } from "./PersonForm";
import { type Person, peopleQuery } from "./queries";
import type { PeopleView } from "./view";

export type Invited = { person: Person; url: string; ends: string };

export function PeopleTable({ view }: { view: PeopleView }) {
  const mayChange = useMay("people:write");
  const { items, more } = useList(peopleQuery(view));
  const [changing, setChanging] = useState<Person | null>(null);
  const [invited, setInvited] = useState<Invited | null>(null);
  if (items.length === 0)
    return <Empty title="Nobody like this">Change or clear the filters above, or add someone.</Empty>;
  const actions: Column<Person> = {
    title: "Actions",
    figure: true,
    cell: (person) => <PersonActions person={person} onChange={setChanging} onInvited={setInvited} />,
  };
  return (
    <>
      <Group justify="flex-end">
        <CsvButton name="people" columns={[EMAIL_COLUMN, ...PEOPLE_COLUMNS]} rows={items} />
      </Group>
      <DataTable
        caption="People"
        columns={mayChange ? [...PEOPLE_COLUMNS, actions] : PEOPLE_COLUMNS}
        rows={items}
        rowKey={(person) => person.id}
        minWidth={860}
      />
      <More noun="people" {...more} />
      {mayChange && (
        <PersonForm person={changing} opened={changing !== null} onClose={() => setChanging(null)} />
      )}
      <SecretOnce
        title={`Invitation for ${invited?.person.name ?? ""}`}
        secret={invited?.url ?? null}
        onClose={() => setInvited(null)}
      >
        Send this link to {invited?.person.email}. With it they set their password, once, until{" "}
        {invited && instant(invited.ends)}. An invitation from before does not work any more.
      </SecretOnce>
    </>
  );
}
