import { Code, CopyButton, Group, Stack, Table, Text, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";
import { instant } from "@/lib/format";
import { When } from "@/ui/Figure";
import { Section } from "@/ui/Page";
import { Differences } from "./Differences";
import { Actor, Sentence, ViewLink } from "./parts";
import { credentialWord, type Entry, kindWord } from "./words";

export function EntryDetail({ entry }: { entry: Entry }) {
  return (
    <Stack gap="lg">
      <Text className="names">
        <Actor entry={entry} /> <Sentence entry={entry} />, <When at={entry.at} />.
      </Text>
      <Differences entry={entry} />
      <Section title="Where it came from">
        <Facts entry={entry} />
      </Section>
      <Group gap="md">
        <ViewLink
          changes={{ kind: entry.target_kind, id: entry.target_id, entry: undefined, action: undefined }}
        >
          Everything about this {kindWord(entry.target_kind)}
        </ViewLink>
        {entry.actor_user_id && (
          <ViewLink changes={{ who: entry.actor_user_id, entry: undefined }}>
            Everything by this person
          </ViewLink>
        )}
      </Group>
    </Stack>
  );
}

function Facts({ entry }: { entry: Entry }) {
  return (
    <Table verticalSpacing={4} aria-label="Where it came from">
      <Table.Tbody>
        <Fact name="At">{instant(entry.at)}</Fact>
        <Fact name="With">{credentialWord(entry.credential_kind)}</Fact>
        {entry.credential_id && <Fact name="Credential">{<Copied value={entry.credential_id} />}</Fact>}
        {entry.request_id && <Fact name="Request">{<Copied value={entry.request_id} />}</Fact>}
        <Fact name="Action">
          <Code>{entry.action}</Code>
        </Fact>
        <Fact name="Id">
          <Copied value={entry.target_id} />
        </Fact>
        <Fact name="Hash">
          <Copied value={entry.hash} />
        </Fact>
      </Table.Tbody>
    </Table>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <Table.Tr>
      <Table.Th scope="row" w={110} fw={400} c="dimmed">
        {name}
      </Table.Th>
      <Table.Td className="names">{children}</Table.Td>
    </Table.Tr>
  );
}

/** A long id or hash, copied by a click. */
function Copied({ value }: { value: string }) {
  return (
    <CopyButton value={value}>
      {({ copied, copy }) => (
        <UnstyledButton onClick={copy} title="Copy" aria-label={copied ? "Copied" : `Copy ${value}`}>
          <Code style={{ overflowWrap: "anywhere" }}>{value}</Code>
          {copied && (
            <Text span size="xs" c="dimmed" ml={6} role="status">
              copied
            </Text>
          )}
        </UnstyledButton>
      )}
    </CopyButton>
  );
}
