/** What happens at the limit, at the period's end, and when nobody can say. */

import { Alert, NumberInput, Radio, Stack, Switch } from "@mantine/core";
import type { BudgetFields } from "./BudgetForm";

export function CapFields({ form }: { form: BudgetFields }) {
  return (
    <Stack gap="xs">
      <Switch
        label="Hard cap"
        description="Block requests at the limit, instead of warning."
        {...form.getInputProps("hard_cap", { type: "checkbox" })}
      />
      {form.getValues().hard_cap && (
        <Alert color="yellow" variant="light" role="status">
          <b>A hard cap blocks people.</b> Once the limit is reached, requests to AI services of everyone
          under this budget are stopped until the period ends or an exemption is approved. What was used in
          this period before counts. Tell those it is for first.
        </Alert>
      )}
    </Stack>
  );
}

export function RolloverFields({ form }: { form: BudgetFields }) {
  const { limitKind, rollover } = form.getValues();
  if (limitKind === "sum") return null;
  return (
    <Stack gap="xs">
      <Switch
        label="Rollover"
        description="Carry what is unused into the next period."
        {...form.getInputProps("rollover", { type: "checkbox" })}
      />
      {rollover && (
        <NumberInput
          label="Rollover cap"
          description="How much of what is unused is carried. With 50%, 2M unused tokens become 1M more."
          suffix="%"
          min={0}
          max={100}
          allowDecimal={false}
          {...form.getInputProps("rollover_cap_percent")}
        />
      )}
    </Stack>
  );
}

const UNSURE = [
  { value: "allow", label: "Allow", description: "People go on working; usage is counted when it is seen." },
  { value: "warn", label: "Warn", description: "People are told, and may go on." },
  { value: "block", label: "Block", description: "The cap is kept, and people are stopped." },
];

export function UnsureField({ form }: { form: BudgetFields }) {
  if (!form.getValues().hard_cap) return null;
  return (
    <Radio.Group
      label="When nobody can say whether a request fits"
      description="When the server cannot be reached, or a model has no known price. The strictest hard cap above someone counts."
      {...form.getInputProps("when_unsure")}
    >
      <Stack gap="xs" mt="xs">
        {UNSURE.map((choice) => (
          <Radio key={choice.value} {...choice} />
        ))}
      </Stack>
    </Radio.Group>
  );
}
