import { Button, Group, Modal, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { fieldErrors } from "@/api/act";
import { FormError } from "@/ui/FormError";
import type { Made } from "./enrolling";
import { useMakeToken } from "./queries";

const DAY = 24 * 60 * 60 * 1000;
const LIFETIMES = [1, 7, 30, 90, 180].map((days) => ({
  value: String(days),
  label: days === 1 ? "1 day" : `${days} days`,
}));

type Props = { opened: boolean; onClose: () => void; onMade: (made: Made) => void };

/** Makes an enrolment token: for one person's next device, or for a number of devices. */
export function NewToken({ opened, onClose, onMade }: Props) {
  return (
    <Modal opened={opened} onClose={onClose} title="New enrolment token">
      <TokenForm onClose={onClose} onMade={onMade} />
    </Modal>
  );
}

function TokenForm({ onClose, onMade }: Omit<Props, "opened">) {
  const make = useMakeToken();
  const form = useForm({ initialValues: { max_uses: 1, days: "7", user_email: "" } });
  const onePerson = form.values.user_email.trim() !== "";
  const submit = form.onSubmit(({ max_uses, days, user_email }) => {
    const email = user_email.trim() || null;
    make.mutate(
      {
        max_uses: onePerson ? 1 : max_uses,
        expires_at: new Date(Date.now() + Number(days) * DAY).toISOString(),
        user_email: email,
      },
      {
        onSuccess: ({ id, token }) => {
          onClose();
          onMade({ id, token, email });
        },
        onError: (failed) => form.setErrors(fieldErrors(failed)),
      },
    );
  });
  return (
    <form onSubmit={submit}>
      <Stack>
        <FormError>{form.errors[""]}</FormError>
        <TextInput
          label="For one person"
          description="Their e-mail. It then lets in one device, theirs. Leave it empty for anyone's devices."
          type="email"
          data-autofocus
          {...form.getInputProps("user_email")}
        />
        <NumberInput
          label="How many devices"
          min={1}
          max={10_000}
          allowDecimal={false}
          required
          disabled={onePerson}
          {...form.getInputProps("max_uses")}
          value={onePerson ? 1 : form.values.max_uses}
        />
        <Select
          label="It ends after"
          data={LIFETIMES}
          allowDeselect={false}
          {...form.getInputProps("days")}
          error={form.errors.expires_at}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" loading={make.isPending}>
            Make the token
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
