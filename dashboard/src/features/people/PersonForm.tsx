import { Autocomplete, Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useSuspenseQuery } from "@tanstack/react-query";
import { fieldErrors } from "@/api/act";
import { departmentsQuery } from "@/api/departments";
import { useSession } from "@/api/session";
import { FormError } from "@/ui/FormError";
import { ManagerField } from "./ManagerField";
import { changesOf, type PersonValues, toAdd, valuesOf } from "./person";
import { meaningOf, saidOf } from "./placing";
import { type Person, useAddPerson, useChangePerson } from "./queries";
import { rolesToGive } from "./roles";

type Props = { person: Person | null; opened: boolean; onClose: () => void };

/** Adds someone, or changes who is given. */
export function PersonForm({ person, opened, onClose }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={person ? "Change a person" : "Add a person"} size="lg">
      <Fields person={person} onClose={onClose} />
    </Modal>
  );
}

function Fields({ person, onClose }: Omit<Props, "opened">) {
  const { data: departments } = useSuspenseQuery(departmentsQuery);
  const session = useSession();
  const form = useForm<PersonValues>({ initialValues: valuesOf(person) });
  const { save, saving } = useSave(person, onClose, (failed) => form.setErrors(fieldErrors(failed)));
  return (
    <form onSubmit={form.onSubmit(save)}>
      <Stack>
        <FormError>{form.errors[""]}</FormError>
        <TextInput
          label="Name"
          required
          maxLength={120}
          dir="auto"
          data-autofocus
          {...form.getInputProps("name")}
        />
        <TextInput label="E-mail" type="email" required maxLength={254} {...form.getInputProps("email")} />
        <Autocomplete
          label="Department"
          description={saidOf(meaningOf(form.values.department, departments))}
          placeholder={departments[0]?.path}
          data={departments.map(({ path }) => path)}
          limit={40}
          maxLength={2000}
          dir="auto"
          required={person !== null}
          classNames={{ option: "names" }}
          {...form.getInputProps("department")}
        />
        <Select
          label="Role"
          data={rolesToGive(session)}
          allowDeselect={false}
          {...form.getInputProps("role")}
        />
        <ManagerField {...form.getInputProps("manager_email")} />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={saving}>
            {person ? "Save" : "Add"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function useSave(person: Person | null, onSaved: () => void, onError: (failed: unknown) => void) {
  const add = useAddPerson();
  const change = useChangePerson({ quiet: true });
  const then = { onSuccess: onSaved, onError };
  const save = (values: PersonValues) => {
    if (!person) return add.mutate(toAdd(values), then);
    const changes = changesOf(person, values);
    return Object.keys(changes).length === 0 ? onSaved() : change.mutate({ id: person.id, changes }, then);
  };
  return { save, saving: add.isPending || change.isPending };
}
