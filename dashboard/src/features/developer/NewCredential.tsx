import { Button, Group, Modal, Select, Stack, TextInput } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { useForm } from "@mantine/form";
import { fieldErrors, reasonOf } from "@/api/act";
import { FormError } from "@/ui/FormError";
import { EXPIRIES, expiryOf } from "./expiry";
import { ScopeChoice } from "./ScopeChoice";
import { type Grantable, isGrantable } from "./scopes";

export type Wanted = { name: string; scopes: Grantable[]; expires_at: string | null };

type Props = {
  title: string;
  opened: boolean;
  expires: boolean;
  onClose: () => void;
  make: (wanted: Wanted) => Promise<unknown>;
};

/** The form for a new API key or OAuth client. */
export function NewCredential({ title, opened, onClose, ...rest }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title={title} size="lg">
      <Form {...rest} />
    </Modal>
  );
}

function Form({ expires, make }: Pick<Props, "expires" | "make">) {
  const form = useForm({
    initialValues: { name: "", scopes: [] as string[], expiry: "90", day: null as string | null },
    validate: {
      name: (name) => (name.trim() ? null : "Give it a name, such as what it is for."),
      scopes: (scopes) => (scopes.length > 0 ? null : "Choose at least one."),
      day: (day, { expiry }) => (expires && expiry === "day" && day === null ? "Choose a day." : null),
    },
  });
  const submit = form.onSubmit(async ({ name, scopes, expiry, day }) => {
    const wanted = {
      name: name.trim(),
      scopes: scopes.filter(isGrantable),
      expires_at: expiryOf(expiry, day),
    };
    await make(wanted).catch((failed) => form.setErrors({ "": reasonOf(failed), ...fieldErrors(failed) }));
  });
  return (
    <form onSubmit={submit}>
      <Stack>
        <FormError>{form.errors[""]}</FormError>
        <TextInput
          label="Name"
          placeholder="Finance report"
          maxLength={120}
          withAsterisk
          data-autofocus
          {...form.getInputProps("name")}
        />
        <ScopeChoice {...form.getInputProps("scopes")} />
        {expires && (
          <Group align="flex-start">
            <Select
              label="Ends"
              data={EXPIRIES}
              allowDeselect={false}
              error={form.errors.expires_at}
              {...form.getInputProps("expiry")}
            />
            {form.values.expiry === "day" && (
              <DateInput
                label="Its last day"
                valueFormat="D MMM YYYY"
                minDate={new Date()}
                {...form.getInputProps("day")}
              />
            )}
          </Group>
        )}
        <Group justify="flex-end">
          <Button type="submit" loading={form.submitting}>
            Make it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
