import { Table, Text } from "@mantine/core";
import { Named, type NamedKind } from "@/ui/Named";
import { Section } from "@/ui/Page";
import { type Change, difference } from "./difference";
import type { Entry } from "./words";

/** Which fields hold the id of what. */
const HOLDS: Readonly<Record<string, NamedKind>> = {
  user: "user",
  manager: "user",
  "created by": "user",
  "requested by": "user",
  "reviewed by": "user",
  "acknowledged by": "user",
  "resolved by": "user",
  department: "department",
  parent: "department",
  budget: "budget",
  device: "device",
};

/** What an entry changed: before and after, field by field. */
export function Differences({ entry }: { entry: Entry }) {
  const changes = difference(entry.before, entry.after);
  const sides = { before: entry.before !== null, after: entry.after !== null };
  if (changes.length === 0) return <Text c="dimmed">The entry names no fields.</Text>;
  return (
    <Section title={titleOf(sides)}>
      <Table.ScrollContainer minWidth={300}>
        <Table verticalSpacing={4} aria-label={titleOf(sides)} layout="fixed">
          <Table.Thead>
            <Table.Tr>
              <Table.Th scope="col">Field</Table.Th>
              {sides.before && <Table.Th scope="col">Before</Table.Th>}
              {sides.after && <Table.Th scope="col">After</Table.Th>}
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {changes.map((change) => (
              <Row key={change.field} change={change} sides={sides} />
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
    </Section>
  );
}

type Sides = { before: boolean; after: boolean };

function titleOf({ before, after }: Sides): string {
  if (before && after) return "What changed";
  return after ? "What was made" : "What was deleted";
}

function Row({ change, sides }: { change: Change; sides: Sides }) {
  const kind = HOLDS[change.field];
  const cell = (value: string | undefined, id: string | undefined) => (
    <Table.Td className="names" style={{ verticalAlign: "top", whiteSpace: "pre-wrap" }}>
      {kind && id ? <Named kind={kind} id={id} /> : value}
    </Table.Td>
  );
  return (
    <Table.Tr>
      <Table.Th scope="row" fw={400} c="dimmed" style={{ verticalAlign: "top" }}>
        {change.field}
      </Table.Th>
      {sides.before && cell(change.before, change.ids.before)}
      {sides.after && cell(change.after, change.ids.after)}
    </Table.Tr>
  );
}
