import { List, Paper, SimpleGrid, Text } from "@mantine/core";
import { IconEyeOff } from "@tabler/icons-react";
import { useSuspenseQuery } from "@tanstack/react-query";
import type { Schemas } from "@/api/client";
import { type Column, DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";
import { capturedQuery } from "./queries";
import { said } from "./said";

type Field = Schemas["CapturedField"];

const NEVER = [
  "Your prompts: the text you type",
  "The answers you get",
  "Files and images you send, except for how large the whole request was",
  "Your browsing, or anything but known AI services",
  "The sequence of packet or record sizes: only totals are sent",
];

/** What is never there to be seen. Stands first: it is what people wonder about. */
export function NeverCaptured() {
  return (
    <Section title="What is never captured" about="Toktra counts. It does not read.">
      <Paper withBorder p="md">
        <List icon={<IconEyeOff size={16} aria-hidden />} spacing={4} size="sm">
          {NEVER.map((one) => (
            <List.Item key={one}>{one}</List.Item>
          ))}
        </List>
        <Text size="sm" c="dimmed" mt="sm">
          This is not only a rule: what is sent has no place for content, and the server refuses a request
          that has a field it does not know.
        </Text>
      </Paper>
    </Section>
  );
}

function columns(latest: boolean): Column<Field>[] {
  return [
    { title: "What", cell: (row) => row.meaning },
    {
      title: "In your latest request",
      cell: (row) => (latest ? <Value field={row} /> : "–"),
    },
    { title: "What for", cell: (row) => row.why },
  ];
}

/** Everything that is kept of a request, with one's own latest values. */
export function Captured() {
  const { event_id, fields } = useSuspenseQuery(capturedQuery).data;
  const latest = event_id !== null;
  const sent = fields.filter(({ added }) => !added);
  const added = fields.filter((field) => field.added);
  return (
    <Section
      title="What your organisation can see of each request"
      about={
        latest
          ? "Every field there is, with what your own latest request has in it."
          : "Every field there is. You have no request yet, so there are no values beside them."
      }
    >
      <SimpleGrid cols={1} spacing="md">
        <Fields title="Sent by your device" fields={sent} latest={latest} />
        <Fields title="Added by the server" fields={added} latest={latest} />
      </SimpleGrid>
    </Section>
  );
}

type FieldsProps = { title: string; fields: Field[]; latest: boolean };

function Fields({ title, fields, latest }: FieldsProps) {
  return (
    <Paper withBorder p="md">
      <Text fw={600} size="sm" mb="xs">
        {title}
      </Text>
      <DataTable
        caption={title}
        columns={columns(latest)}
        rows={fields}
        rowKey={(row) => row.name}
        minWidth={620}
      />
    </Paper>
  );
}

function Value({ field }: { field: Field }) {
  const known = field.value !== null;
  return (
    <Text span size="sm" c={known ? undefined : "dimmed"} className="names" title={field.name}>
      {said(field)}
    </Text>
  );
}
