import { Alert, Button, Code, CopyButton, Group, Modal, Stack, Text } from "@mantine/core";
import type { ReactNode, RefObject } from "react";

type Props = {
  title: string;
  secret: string | null;
  onClose: () => void;
  children?: ReactNode;
  /** What has the focus afterwards, where the form that was open before this cannot. */
  opener?: RefObject<HTMLElement | null>;
};

/** A secret that is shown this once. Open while there is one. */
export function SecretOnce({ title, secret, onClose, children, opener }: Props) {
  return (
    <Modal
      onExitTransitionEnd={() => opener?.current?.focus()}
      opened={secret !== null}
      onClose={onClose}
      title={title}
      closeOnClickOutside={false}
      size="lg"
    >
      <Stack>
        <Alert color="yellow" title="Copy it now">
          It is shown this once and cannot be read again. Lost, it has to be made anew.
        </Alert>
        <Code block style={{ overflowWrap: "anywhere", whiteSpace: "pre-wrap" }} data-testid="secret">
          {secret}
        </Code>
        {children && (
          <Text size="sm" c="dimmed" component="div">
            {children}
          </Text>
        )}
        <Group justify="flex-end">
          <CopyButton value={secret ?? ""}>
            {({ copied, copy }) => (
              <Button variant="default" onClick={copy}>
                {copied ? "Copied" : "Copy"}
              </Button>
            )}
          </CopyButton>
          <Button onClick={onClose}>I have kept it</Button>
        </Group>
      </Stack>
    </Modal>
  );
}
