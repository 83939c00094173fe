import { Button, Checkbox, Group, NumberInput, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { fieldErrors, reasonOf } from "@/api/act";
import { FormError } from "@/ui/FormError";
import { useMakeWebhook, type Webhook } from "./queries";
import { ALERT_KINDS, EVENTS, type Filled, KINDS, keysOf, wantedOf } from "./words";

type Props = { connected: boolean; onMade: (webhook: Webhook, secret: string) => void };

/** The form for a new receiver. */
export function NewReceiver({ connected, onMade }: Props) {
  const make = useMakeWebhook();
  const form = useForm<Filled>({
    initialValues: {
      name: "",
      kind: "signed",
      where: "",
      events: ["alert.created"],
      alert_kinds: [],
      from_percent: "",
      below_percent: "",
    },
    validate: {
      name: (name) => (name.trim() ? null : "Give it a name, such as who reads it."),
      where: (where) => (where.trim() ? null : "Say where messages go."),
      events: (events) => (events.length > 0 ? null : "Choose at least one."),
    },
  });
  const byApp = form.values.kind === "slack_app";
  const send = form.onSubmit((filled) =>
    make.mutate(wantedOf(filled), {
      onSuccess: ({ webhook, secret }) => onMade(webhook, secret),
      onError: (failed) => form.setErrors(refusals(failed)),
    }),
  );
  return (
    <form onSubmit={send}>
      <Stack>
        <FormError>{form.errors[""]}</FormError>
        <TextInput
          label="Name"
          placeholder="Finance on call"
          maxLength={120}
          withAsterisk
          data-autofocus
          {...form.getInputProps("name")}
        />
        <Select
          label="What it is"
          allowDeselect={false}
          data={keysOf(KINDS).map((value) => ({
            value,
            label: KINDS[value],
            disabled: value === "slack_app" && !connected,
          }))}
          {...form.getInputProps("kind")}
        />
        <TextInput
          label={byApp ? "Channel" : "Address"}
          description={
            byApp ? "Its id, or # and its name. Invite the app there first." : "Begins with https://"
          }
          placeholder={byApp ? "#ai-budgets" : "https://example.com/toktra"}
          maxLength={2000}
          withAsterisk
          {...form.getInputProps("where")}
        />
        <Checkbox.Group label="It is told of" withAsterisk {...form.getInputProps("events")}>
          <Stack gap={6} mt={6}>
            {keysOf(EVENTS).map((value) => (
              <Checkbox key={value} value={value} label={EVENTS[value]} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Checkbox.Group
          label="Of alerts only these"
          description="None chosen: all of them."
          {...form.getInputProps("alert_kinds")}
        >
          <Stack gap={6} mt={6}>
            {keysOf(ALERT_KINDS).map((value) => (
              <Checkbox key={value} value={value} label={ALERT_KINDS[value]} />
            ))}
          </Stack>
        </Checkbox.Group>
        <Group grow align="flex-start">
          <NumberInput
            label="Budgets from"
            description="of the limit used"
            suffix="%"
            min={0}
            max={1000}
            allowDecimal={false}
            {...form.getInputProps("from_percent")}
          />
          <NumberInput
            label="Budgets below"
            description="of the limit used"
            suffix="%"
            min={1}
            max={1000}
            allowDecimal={false}
            {...form.getInputProps("below_percent")}
          />
        </Group>
        <Group justify="flex-end">
          <Button type="submit" loading={make.isPending}>
            Add it
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

/** The address and the channel are one field here. */
function refusals(failed: unknown): Record<string, string> {
  const { url, channel, ...rest } = fieldErrors(failed);
  return url || channel ? { ...rest, where: reasonOf(failed) } : rest;
}
