import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { foundUsersQuery, userQuery } from "./queries";

type Props = { value: string | undefined; onChange: (userId: string | undefined) => void };

/** One user, found by name or e-mail as one types. */
export function UserFilter({ value, onChange }: Props) {
  const [typed, setTyped] = useState("");
  const [opened, setOpened] = useState(false);
  const [q] = useDebouncedValue(typed.trim(), 200);
  const { data: chosen } = useQuery({ ...userQuery(value ?? ""), enabled: value !== undefined });
  // What is written is the chosen one's own label: that is no search.
  const asked = chosen && q === labelOf(chosen) ? "" : q;
  const { data: found, isFetching } = useQuery({
    ...foundUsersQuery(asked),
    enabled: opened,
    placeholderData: keepPreviousData,
  });
  const people = found?.items ?? [];
  const rest = chosen && value === chosen.id && !people.some(({ id }) => id === chosen.id) ? [chosen] : [];
  return (
    <Select
      label="User"
      placeholder="Everyone"
      data={[...rest, ...people].map((one) => ({ value: one.id, label: labelOf(one) }))}
      value={value ?? null}
      onChange={(picked) => onChange(picked ?? undefined)}
      onSearchChange={setTyped}
      onDropdownOpen={() => setOpened(true)}
      filter={({ options }) => options}
      nothingFoundMessage={isFetching || q !== typed.trim() ? "Looking…" : "Nobody by that name or e-mail"}
      searchable
      clearable
      dir="auto"
      clearButtonProps={{ "aria-label": "Everyone again" }}
    />
  );
}

function labelOf({ name, email }: { name: string; email: string }): string {
  return `${name} (${email})`;
}
