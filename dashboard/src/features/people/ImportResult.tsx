import { Alert, List, Stack, Text } from "@mantine/core";
import type { Schemas } from "@/api/client";
import { exact } from "@/lib/format";
import { type Column, DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";
import { changeSaid, summary } from "./importing";
import type { ImportAnswer } from "./queries";

type Change = Schemas["ImportedChange"];
type Wrong = Schemas["WrongCell"];

const CHANGES: Column<Change>[] = [
  { title: "Row", figure: true, cell: (change) => change.row },
  { title: "E-mail", cell: (change) => change.email },
  { title: "Change", cell: (change) => (change.action === "create" ? "New" : "Changed") },
  {
    title: "What",
    cell: (change) => changeSaid(change).map((said) => <div key={said}>{said}</div>),
  },
];

const ERRORS: Column<Wrong>[] = [
  { title: "Row", figure: true, cell: (wrong) => wrong.row },
  { title: "Column", cell: (wrong) => wrong.field },
  { title: "Why it is refused", cell: (wrong) => wrong.reason },
];

/** What a file does, or would do. */
export function ImportResult({ result }: { result: ImportAnswer }) {
  if (result.error_count > 0) return <Refused result={result} />;
  return (
    <Stack gap="sm">
      <Alert color={result.dry_run ? "accent" : "teal"} variant="light" role="status" title={titleOf(result)}>
        {result.unchanged > 0 && `As in the file already: ${exact(result.unchanged)}.`}
      </Alert>
      {result.departments_created.length > 0 && (
        <Section title="New departments">
          <List size="sm">
            {result.departments_created.map((path) => (
              <List.Item key={path} className="names">
                {path}
              </List.Item>
            ))}
          </List>
        </Section>
      )}
      {result.changes.length > 0 && (
        <Section title="People">
          <First shown={result.changes.length} all={result.created + result.updated} />
          <DataTable
            caption="People that are made or changed"
            columns={CHANGES}
            rows={result.changes}
            rowKey={(change) => String(change.row)}
          />
        </Section>
      )}
    </Stack>
  );
}

function titleOf(result: ImportAnswer): string {
  return result.dry_run
    ? `Nothing is written yet. It would be: ${summary(result)}.`
    : `Done: ${summary(result)}.`;
}

function Refused({ result }: { result: ImportAnswer }) {
  const many = result.error_count === 1 ? "One thing is" : `${exact(result.error_count)} things are`;
  return (
    <Stack gap="sm">
      <Alert color="red" variant="light" role="alert" title={`${many} wrong, so nothing is imported`}>
        Either all rows are imported or none. Put these right in the file, and choose it again. Row 1 is the
        header.
      </Alert>
      <First shown={result.errors.length} all={result.error_count} />
      <DataTable
        caption="What is wrong"
        columns={ERRORS}
        rows={result.errors}
        rowKey={(wrong) => `${wrong.row} ${wrong.field} ${wrong.reason}`}
      />
    </Stack>
  );
}

function First({ shown, all }: { shown: number; all: number }) {
  if (shown >= all) return null;
  return (
    <Text size="sm" c="dimmed" span>
      The first {exact(shown)} of {exact(all)}.
    </Text>
  );
}
