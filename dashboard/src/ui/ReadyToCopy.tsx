import { Code, CopyButton, Group, Stack, Text, UnstyledButton } from "@mantine/core";

type Props = { title: string; action: string; text: string | null | undefined };

/** A command or a link, whole; `action` is what its button says. */
export function ReadyToCopy({ title, action, text }: Props) {
  if (!text) return null;
  return (
    <Stack gap={4}>
      <Group justify="space-between">
        <Text size="sm">{title}</Text>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <UnstyledButton onClick={copy} fz="xs" c="accent">
              {copied ? "Copied" : action}
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
