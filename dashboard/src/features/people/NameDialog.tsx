import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { fieldErrors } from "@/api/act";
import { FormError } from "@/ui/FormError";
import { type Department, useAddDepartment, useChangeDepartment } from "./queries";

type Props = {
  department: Department;
  /** A new one below it; otherwise its own name is changed. */
  adding: boolean;
  opened: boolean;
  onClose: () => void;
  onMade: (id: string) => void;
};

export function NameDialog({ opened, ...props }: Props) {
  const title = props.adding
    ? `New department under ${props.department.name}`
    : `Rename ${props.department.name}`;
  return (
    <Modal opened={opened} onClose={props.onClose} title={<span className="names">{title}</span>}>
      <NameForm {...props} />
    </Modal>
  );
}

function NameForm({ department, adding, onClose, onMade }: Omit<Props, "opened">) {
  const add = useAddDepartment();
  const change = useChangeDepartment({ quiet: true });
  const form = useForm({ initialValues: { name: adding ? "" : department.name } });
  const onError = (failed: unknown) => form.setErrors(fieldErrors(failed));
  const submit = form.onSubmit(({ name }) => {
    if (adding)
      return add.mutate(
        { name: name.trim(), parent_id: department.id },
        {
          onError,
          onSuccess: ({ id }) => {
            onClose();
            onMade(id);
          },
        },
      );
    return change.mutate(
      { id: department.id, changes: { name: name.trim() } },
      { onError, onSuccess: onClose },
    );
  });
  return (
    <form onSubmit={submit}>
      <Stack>
        <FormError>{form.errors[""]}</FormError>
        <TextInput
          label="Name"
          description="Two departments under the same one cannot have the same name."
          required
          maxLength={120}
          dir="auto"
          data-autofocus
          {...form.getInputProps("name")}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={add.isPending || change.isPending}>
            {adding ? "Add" : "Rename"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
