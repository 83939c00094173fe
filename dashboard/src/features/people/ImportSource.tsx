import { Anchor, Button, Code, FileButton, Group, Stack, Text, Textarea } from "@mantine/core";
import { IconDownload, IconFileUpload } from "@tabler/icons-react";
import { useState } from "react";
import { download } from "@/lib/csv";
import { EXAMPLE } from "./importing";

export type Source = { name: string; content: Blob };

type Props = { source: Source | null; onChoose: (source: Source | null) => void };

/** The file: picked or pasted, and what is to be in it. */
export function ImportSource({ source, onChoose }: Props) {
  const [pasted, setPasted] = useState("");
  // Its bytes are read now, so that a change on disk cannot slip in after the check.
  const pick = async (file: File | null) => {
    if (!file) return;
    setPasted("");
    onChoose({ name: file.name, content: new Blob([await file.arrayBuffer()]) });
  };
  const paste = (text: string) => {
    setPasted(text);
    onChoose(text.trim() ? { name: "What you pasted", content: new Blob([text]) } : null);
  };
  return (
    <Stack gap="sm">
      <Columns />
      <Group gap="sm">
        <FileButton onChange={(file) => void pick(file)} accept=".csv,.tsv,.txt,text/csv">
          {(props) => (
            <Button {...props} variant="default" leftSection={<IconFileUpload size={16} />} data-autofocus>
              Choose a file
            </Button>
          )}
        </FileButton>
        <Text size="sm" c="dimmed" className="names" aria-live="polite">
          {source ? source.name : "or paste below"}
        </Text>
      </Group>
      <Textarea
        aria-label="Rows to import"
        placeholder={EXAMPLE}
        autosize
        minRows={4}
        maxRows={10}
        styles={{ input: { fontFamily: "monospace" } }}
        value={pasted}
        onChange={(event) => paste(event.currentTarget.value)}
      />
    </Stack>
  );
}

function Columns() {
  return (
    <Text size="sm" c="dimmed" component="div">
      The first row names the columns: <Code>email</Code> and <Code>name</Code>, and if you like{" "}
      <Code>department</Code> (a name or a path), <Code>role</Code> (member, manager or admin) and{" "}
      <Code>manager_email</Code>. Someone known by their e-mail is changed, someone new is added; an empty
      cell leaves what is there. Nobody is suspended for not being in the file. Departments that are missing
      are made.{" "}
      <Anchor
        component="button"
        type="button"
        size="sm"
        onClick={() => download("people-example.csv", EXAMPLE)}
      >
        <IconDownload size={12} /> An example to start from
      </Anchor>
    </Text>
  );
}
