import { Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { answer, api, type Schemas } from "@/api/client";

type Person = Pick<Schemas["UserAnswer"], "id" | "name" | "email">;
type Props = Omit<SelectProps, "data" | "searchable" | "filter" | "onSearchChange">;

/** One of the people within reach, found by a part of their name or e-mail. */
export function PersonSelect({ value, ...rest }: Props) {
  const [typed, setTyped] = useState("");
  const [asked] = useDebouncedValue(typed, 200);
  const found = usePeople(asked.replace(/ · .*$/, ""));
  const chosen = useChosen(value ?? null);
  const people = chosen && !found.some((one) => one.id === chosen.id) ? [chosen, ...found] : found;
  return (
    <Select
      searchable
      clearable
      placeholder="Name or e-mail"
      nothingFoundMessage="Nobody of this name is within your reach."
      data={people.map((one) => ({ value: one.id, label: `${one.name} · ${one.email}` }))}
      filter={({ options }) => options}
      onSearchChange={setTyped}
      value={value}
      dir="auto"
      {...rest}
    />
  );
}

function usePeople(q: string): Person[] {
  const { data } = useQuery({
    queryKey: ["people", "found", q],
    queryFn: () =>
      answer(api.GET("/v1/users", { params: { query: { q: q || undefined, status: "active", limit: 20 } } })),
    placeholderData: keepPreviousData,
  });
  return data?.items ?? [];
}

/** Who is chosen already, such as by an address. */
function useChosen(userId: string | null): Person | undefined {
  const { data } = useQuery({
    queryKey: ["people", "one", userId],
    queryFn: () => answer(api.GET("/v1/users/{user_id}", { params: { path: { user_id: userId ?? "" } } })),
    enabled: userId !== null,
    retry: false,
  });
  return data;
}
