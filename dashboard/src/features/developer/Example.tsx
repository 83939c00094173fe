import { Code, CopyButton, Group, Stack, Text, UnstyledButton } from "@mantine/core";

/** A command to try a new credential with. */
export function Example({ text }: { text: string | null | undefined }) {
  if (!text) return null;
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="sm">Try it:</Text>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <UnstyledButton onClick={copy} fz="xs" c="accent">
              {copied ? "Copied" : "Copy the command"}
            </UnstyledButton>
          )}
        </CopyButton>
      </Group>
      <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }}>
        {text}
      </Code>
    </Stack>
  );
}
