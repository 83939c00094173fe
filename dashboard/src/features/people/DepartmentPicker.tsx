import { Select, type SelectProps } from "@mantine/core";
import { useMemo } from "react";
import type { Department } from "./queries";

type Props = Omit<SelectProps, "data" | "value" | "onChange"> & {
  departments: readonly Department[];
  value: string | undefined;
  onPick: (id: string | undefined) => void;
};

/** One of many departments, found by typing a part of its path. */
export function DepartmentPicker({ departments, value, onPick, ...rest }: Props) {
  const data = useMemo(() => departments.map(({ id, path }) => ({ value: id, label: path })), [departments]);
  return (
    <Select
      searchable
      limit={60}
      nothingFoundMessage="No department like this"
      data={data}
      value={value ?? null}
      onChange={(id) => onPick(id ?? undefined)}
      classNames={{ option: "names" }}
      dir="auto"
      {...rest}
    />
  );
}
