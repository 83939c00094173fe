import { Alert, Button, Group, Text } from "@mantine/core";
import { WHAT_A_MOVE_MEANS } from "./moving";
import type { Moved } from "./useMoving";

type Props = { moved: Moved; onBack: () => void; onClose: () => void };

/** What a move meant, and the way back. */
export function MovedNotice({ moved: { department, to }, onBack, onClose }: Props) {
  return (
    <Alert
      color="teal"
      variant="light"
      role="status"
      withCloseButton
      closeButtonLabel="Close"
      onClose={onClose}
      title={
        <span className="names">
          <bdi>{department.name}</bdi> is now under <bdi>{to.name}</bdi>
        </span>
      }
    >
      <Group justify="space-between" gap="sm">
        <Text size="sm" maw={720}>
          {WHAT_A_MOVE_MEANS}
        </Text>
        <Button size="compact-sm" variant="default" onClick={onBack}>
          Move it back
        </Button>
      </Group>
    </Alert>
  );
}
