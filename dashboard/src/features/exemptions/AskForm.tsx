import { Alert, Button, Group, Select, Stack, Textarea, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { fieldErrors } from "@/api/act";
import { exactAmount } from "@/lib/format";
import { FormError } from "@/ui/FormError";
import { PersonSelect } from "@/ui/PersonSelect";
import { typedAmount } from "../budgets/amounts";
import { PERIODS, THIS } from "../budgets/words";
import { type Asking, bodyOf, wrongIn } from "./asking";
import { BlockingBudget } from "./BlockingBudget";
import { type Exemption, useAskForExemption } from "./queries";

type Props = {
  start: Asking;
  forOthers: boolean;
  budgetId?: string;
  notForYou: boolean;
  onAsked: (exemption: Exemption) => void;
};

const PERIOD_CHOICES = PERIODS.map((value) => ({ value, label: `The end of ${THIS[value]}` }));

export function AskForm({ start, forOthers, budgetId, notForYou, onAsked }: Props) {
  const form = useForm<Asking>({ initialValues: start, validate: wrongIn });
  const ask = useAskForExemption();
  const focusFirst = (errors: Record<string, unknown>) => {
    const first = Object.keys(errors)[0];
    if (first) form.getInputNode(first)?.focus();
  };
  const send = (asking: Asking) =>
    ask.mutate(bodyOf(asking), {
      onSuccess: onAsked,
      onError: (failed) => form.setErrors(fieldErrors(failed)),
    });
  const typed = typedAmount(form.getValues().tokens);
  return (
    <form onSubmit={form.onSubmit(send, focusFirst)} noValidate>
      <Stack maw={560} gap="lg">
        {notForYou && (
          <Alert color="yellow" variant="light">
            This link was made for someone else. What you ask for here is for yourself.
          </Alert>
        )}
        {budgetId && <BlockingBudget budgetId={budgetId} />}
        {forOthers && (
          <PersonSelect label="For" required clearable={false} {...form.getInputProps("user_id")} />
        )}
        <Textarea
          label="What for"
          description="Whoever decides reads this. Do not put anything of your prompts here."
          required
          autosize
          minRows={3}
          maxRows={10}
          maxLength={2000}
          dir="auto"
          {...form.getInputProps("reason")}
        />
        <TextInput
          label="Tokens"
          description={
            <span aria-live="polite">
              {"wrong" in typed
                ? "How many more, such as 500k or 2M."
                : `Read as ${exactAmount(typed.value, typed.unit)}.`}
            </span>
          }
          required
          autoComplete="off"
          {...form.getInputProps("tokens")}
        />
        <Select label="Until" allowDeselect={false} data={PERIOD_CHOICES} {...form.getInputProps("period")} />
        <FormError>{form.errors[""]}</FormError>
        <Group justify="flex-end">
          <Button type="submit" loading={ask.isPending}>
            Ask
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
