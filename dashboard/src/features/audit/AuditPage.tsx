import { Code, Group } from "@mantine/core";
import { Suspense } from "react";
import { useList } from "@/api/pages";
import { useView } from "@/lib/view";
import { CsvButton } from "@/ui/CsvButton";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Page } from "@/ui/Page";
import { Empty, Waiting } from "@/ui/states";
import { AuditFilters } from "./AuditFilters";
import { EntryDrawer } from "./EntryDrawer";
import { Actor, Sentence, ViewLink } from "./parts";
import { entriesQuery } from "./queries";
import { type AuditView, auditView, entryKey, filtersOf } from "./view";
import { credentialWord, type Entry, sentenceOf, whoOf } from "./words";

const COLUMNS: Column<Entry>[] = [
  {
    title: "When",
    cell: (entry) => (
      <ViewLink changes={{ entry: entryKey(entry) }}>
        <When at={entry.at} />
      </ViewLink>
    ),
    csv: (entry) => entry.at,
  },
  { title: "Who", cell: (entry) => <Actor entry={entry} />, csv: whoText },
  { title: "Did what", cell: (entry) => <Sentence entry={entry} />, csv: (entry) => sentenceText(entry) },
  {
    title: "With",
    cell: (entry) => credentialWord(entry.credential_kind),
    csv: (entry) => credentialWord(entry.credential_kind),
  },
];

/** What a program would look for, in the file alone. */
const FILE_COLUMNS: Column<Entry>[] = [
  { title: "Number", cell: () => null, csv: (entry) => entry.seq },
  ...COLUMNS,
  { title: "Action", cell: () => null, csv: (entry) => entry.action },
  { title: "Id", cell: () => null, csv: (entry) => entry.target_id },
  { title: "Before", cell: () => null, csv: (entry) => entry.before && JSON.stringify(entry.before) },
  { title: "After", cell: () => null, csv: (entry) => entry.after && JSON.stringify(entry.after) },
  { title: "Request", cell: () => null, csv: (entry) => entry.request_id },
  { title: "Hash", cell: () => null, csv: (entry) => entry.hash },
];

function whoText(entry: Entry): string {
  const who = whoOf(entry);
  if ("email" in who) return who.email;
  return "userId" in who ? who.userId : who.word;
}

function sentenceText(entry: Entry): string {
  const { did, subject } = sentenceOf(entry);
  return subject ? `${did} ${subject.name ?? subject.id}` : did;
}

export default function AuditPage() {
  const [view, change] = useView(auditView);
  return (
    <Page
      title="Audit log"
      about={
        <>
          Every administrative change: who, what, before and after. The database writes it, and nobody can
          change it from here. On the server, <Code>toktra audit verify</Code> proves that it is whole.
        </>
      }
    >
      <AuditFilters view={view} change={change} />
      <Suspense fallback={<Waiting />}>
        <Entries view={view} change={change} />
      </Suspense>
    </Page>
  );
}

type Props = { view: AuditView; change: (changes: Partial<AuditView>) => void };

function Entries({ view, change }: Props) {
  const { items, more } = useList(entriesQuery(filtersOf(view)));
  return (
    <div>
      <Group justify="flex-end" mb="xs">
        <CsvButton name="audit-log" columns={FILE_COLUMNS} rows={items} />
      </Group>
      {items.length === 0 ? (
        <Empty title="No entry is like that">Take a filter away, or choose more days.</Empty>
      ) : (
        <DataTable caption="Audit log" columns={COLUMNS} rows={items} rowKey={entryKey} minWidth={680} />
      )}
      <More {...more} noun="entries" />
      <EntryDrawer shown={view.entry} entries={items} onClose={() => change({ entry: undefined })} />
    </div>
  );
}
