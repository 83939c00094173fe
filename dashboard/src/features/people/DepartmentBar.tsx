import { Anchor, Button, Group, Text } from "@mantine/core";
import { IconArrowRight, IconPencil, IconPlus, IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { memo, useState } from "react";
import { exact } from "@/lib/format";
import { searchFor } from "@/lib/view";
import { confirm } from "@/ui/confirm";
import { MoveDialog } from "./MoveDialog";
import { peopleWithin } from "./moving";
import { NameDialog } from "./NameDialog";
import { type Department, useDeleteDepartment } from "./queries";

type Props = {
  department: Department;
  departments: readonly Department[];
  onMove: (moved: Department, to: Department) => void;
  onSelect: (id: string | undefined) => void;
};

/** The selected department, and what can be done with it. It stays in sight above a long tree. */
export const DepartmentBar = memo(function DepartmentBar({
  department,
  departments,
  onMove,
  onSelect,
}: Props) {
  const [dialog, setDialog] = useState<"add" | "rename" | "move" | null>(null);
  const close = () => setDialog(null);
  const askToRemove = useRemoving(department, () => onSelect(department.parent_id ?? undefined));
  const root = department.parent_id === null;
  const button = { size: "compact-sm", variant: "default" } as const;
  return (
    <Group
      className="department-bar"
      justify="space-between"
      gap="xs"
      role="group"
      aria-label="Selected department"
    >
      <div style={{ minWidth: 0 }}>
        <Text fw={600} ta="left" className="names" lineClamp={2} title={department.path} aria-live="polite">
          {department.name}
        </Text>
        <Anchor component={Link} to="/people" search={searchFor({ department: department.id })} size="sm">
          {exact(peopleWithin(departments, department.id))} people in it and below
        </Anchor>
      </div>
      <Group gap="xs">
        <Button {...button} leftSection={<IconPlus size={14} />} onClick={() => setDialog("add")}>
          Add below
        </Button>
        <Button {...button} leftSection={<IconPencil size={14} />} onClick={() => setDialog("rename")}>
          Rename
        </Button>
        {!root && (
          <Button {...button} leftSection={<IconArrowRight size={14} />} onClick={() => setDialog("move")}>
            Move to…
          </Button>
        )}
        {!root && (
          <Button {...button} leftSection={<IconTrash size={14} />} onClick={askToRemove}>
            Delete
          </Button>
        )}
      </Group>
      <NameDialog
        department={department}
        adding={dialog === "add"}
        opened={dialog === "add" || dialog === "rename"}
        onClose={close}
        onMade={onSelect}
      />
      <MoveDialog
        department={department}
        departments={departments}
        opened={dialog === "move"}
        onClose={close}
        onMove={onMove}
      />
    </Group>
  );
});

function useRemoving(department: Department, onGone: () => void) {
  const remove = useDeleteDepartment();
  return () =>
    confirm({
      title: `Delete ${department.name}?`,
      children:
        "A department can be deleted while nobody is in it, nothing is below it, and it never had usage or a budget. This cannot be undone.",
      action: "Delete",
      danger: true,
      onConfirm: () => remove.mutate(department, { onSuccess: onGone }),
    });
}
