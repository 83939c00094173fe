import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { DepartmentPicker } from "./DepartmentPicker";
import { mayMoveTo, WHAT_A_MOVE_MEANS } from "./moving";
import type { Department } from "./queries";

type Props = {
  department: Department;
  departments: readonly Department[];
  opened: boolean;
  onClose: () => void;
  onMove: (moved: Department, to: Department) => void;
};

/** Moving without dragging: by keyboard, or a long way. */
export function MoveDialog({ opened, ...props }: Props) {
  return (
    <Modal
      opened={opened}
      onClose={props.onClose}
      title={<span className="names">Move {props.department.name}</span>}
      size="lg"
    >
      <Choosing {...props} />
    </Modal>
  );
}

function Choosing({ department, departments, onClose, onMove }: Omit<Props, "opened">) {
  const [chosen, setChosen] = useState<string | undefined>();
  const possible = mayMoveTo(departments, department);
  const to = possible.find(({ id }) => id === chosen);
  const move = () => {
    if (!to) return;
    onClose();
    onMove(department, to);
  };
  return (
    <Stack>
      <Text size="sm" c="dimmed">
        {WHAT_A_MOVE_MEANS}
      </Text>
      {possible.length === 0 ? (
        <Text size="sm">There is no other department it could go under. Add one first.</Text>
      ) : (
        <DepartmentPicker
          departments={possible}
          value={chosen}
          onPick={setChosen}
          label="Under which department"
          data-autofocus
        />
      )}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button disabled={!to} onClick={move}>
          Move
        </Button>
      </Group>
    </Stack>
  );
}
