import { Select } from "@mantine/core";

type Props<T extends string> = {
  label: string;
  /** What it says when nothing is chosen, such as "Any role". */
  any: string;
  choices: Record<T, string>;
  value: T | undefined;
  onChoose: (value: T | undefined) => void;
};

/** A filter: one of some values, or any. */
export function Choice<T extends string>({ label, any, choices, value, onChoose }: Props<T>) {
  const values = Object.keys(choices) as T[];
  return (
    <Select
      aria-label={label}
      placeholder={any}
      clearable
      clearButtonProps={{ "aria-label": `Clear: ${label}` }}
      data={values.map((one) => ({ value: one, label: choices[one] }))}
      value={value ?? null}
      onChange={(chosen) => onChoose(values.find((one) => one === chosen))}
    />
  );
}
