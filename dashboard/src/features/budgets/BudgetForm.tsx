import { Alert, Button, Group, Stack, Text, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { useState } from "react";
import { fieldErrors } from "@/api/act";
import { CapFields, RolloverFields, UnsureField } from "./EnforcementFields";
import { atField, type Values, wrongIn } from "./form";
import { LimitFields } from "./LimitFields";
import type { Budget } from "./queries";
import { ScopeFields } from "./ScopeFields";

type Props = {
  start: Values;
  /** The one that is changed: it keeps its scope, unit and period. */
  budget?: Budget;
  submit: string;
  /** Throws what the server refuses. */
  onSubmit: (values: Values) => Promise<void>;
  onCancel: () => void;
};

export type BudgetFields = ReturnType<typeof useBudgetForm>;

function useBudgetForm(start: Values, budget: Budget | undefined, onValuesChange: () => void) {
  return useForm<Values>({
    initialValues: start,
    validate: (values) => wrongIn(values, budget?.unit),
    onValuesChange,
  });
}

export function BudgetForm({ start, budget, submit, onSubmit, onCancel }: Props) {
  const [sending, setSending] = useState(false);
  const [refused, setRefused] = useState("");
  const form = useBudgetForm(start, budget, () => setRefused(""));
  const focusFirst = (errors: Record<string, unknown>) => {
    const first = Object.keys(errors).find((field) => field !== "");
    if (first) form.getInputNode(first)?.focus();
  };
  const send = async (values: Values) => {
    setSending(true);
    try {
      await onSubmit(values);
    } catch (failed) {
      const { "": whole = "", ...errors } = atField(fieldErrors(failed));
      setRefused(whole);
      form.setErrors(errors);
      focusFirst(errors);
    } finally {
      setSending(false);
    }
  };
  return (
    <form onSubmit={form.onSubmit(send, focusFirst)} noValidate>
      <Stack gap="lg">
        {budget ? <Kept budget={budget} /> : <ScopeFields form={form} />}
        <LimitFields form={form} budget={budget} />
        <CapFields form={form} />
        <RolloverFields form={form} />
        <TextInput
          label="Alerts at"
          description="Percentages of the limit, such as 70, 90. The limit itself always raises one."
          {...form.getInputProps("thresholds")}
        />
        <UnsureField form={form} />
        <TextInput
          label="Name"
          description="When left out: the name of the department or person."
          maxLength={120}
          dir="auto"
          {...form.getInputProps("name")}
        />
        {refused && (
          <Alert color="red" variant="light" role="alert">
            {refused}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Cancel
          </Button>
          <Button type="submit" loading={sending}>
            {submit}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Kept({ budget }: { budget: Budget }) {
  return (
    <Text size="sm" c="dimmed">
      A change takes effect at once; what is used stays. For whom it is, its unit and its period (
      {budget.period}) stay as they are: to change those, archive this budget and make another.
    </Text>
  );
}
