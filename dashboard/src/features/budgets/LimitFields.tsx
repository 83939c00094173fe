import { Input, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { exactAmount } from "@/lib/format";
import { typedAmount } from "./amounts";
import type { BudgetFields } from "./BudgetForm";
import type { Budget } from "./queries";
import { PERIODS } from "./words";

/** How much, and in which period. */
export function LimitFields({ form, budget }: { form: BudgetFields; budget?: Budget }) {
  const { scope, limitKind } = form.getValues();
  return (
    <Stack gap="sm">
      {scope !== "user" && <KindField form={form} />}
      {limitKind === "own" || scope === "user" ? (
        <LimitField form={form} budget={budget} />
      ) : (
        <SumField form={form} fixed={budget !== undefined} />
      )}
      {!budget && (
        <Select
          label="Period"
          allowDeselect={false}
          data={PERIODS.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }))}
          {...form.getInputProps("period")}
        />
      )}
    </Stack>
  );
}

function KindField({ form }: { form: BudgetFields }) {
  return (
    <>
      <Input.Label labelElement="div" id="budget-limit-kind">
        The limit is
      </Input.Label>
      <SegmentedControl
        aria-labelledby="budget-limit-kind"
        data={[
          { value: "own", label: "An amount" },
          { value: "sum", label: "The sum of those below" },
        ]}
        {...form.getInputProps("limitKind")}
      />
      {form.errors.limitKind && (
        <Text size="sm" c="red" role="alert">
          {form.errors.limitKind}
        </Text>
      )}
    </>
  );
}

function LimitField({ form, budget }: { form: BudgetFields; budget?: Budget }) {
  const { limit } = form.getValues();
  const typed = typedAmount(limit, budget?.unit);
  const read =
    "wrong" in typed
      ? "Tokens such as 10M or 2.5k, or money such as $500."
      : `Read as ${exactAmount(typed.value, typed.unit)}.`;
  return (
    <TextInput
      label="Limit"
      required
      autoComplete="off"
      description={<span aria-live="polite">{read}</span>}
      {...form.getInputProps("limit")}
    />
  );
}

function SumField({ form, fixed }: { form: BudgetFields; fixed: boolean }) {
  return (
    <>
      <Text size="sm" c="dimmed">
        It follows the nearest budgets below it of the same unit and period; at least one must be there. What
        they carry over is part of it.
      </Text>
      {!fixed && (
        <SegmentedControl
          aria-label="Counted in"
          data={[
            { value: "tokens", label: "Tokens" },
            { value: "micros", label: "US dollars" },
          ]}
          {...form.getInputProps("sumUnit")}
        />
      )}
    </>
  );
}
