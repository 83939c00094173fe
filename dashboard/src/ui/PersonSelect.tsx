import { Select, type SelectProps } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { ApiError, answer, api, type Schemas } from "@/api/client";

type Person = { value: string; label: string };
type Props = Omit<SelectProps, "data" | "searchable" | "filter" | "onSearchChange"> & {
  /** What the one who is chosen is called, where that is known: they can be out of the reader's reach. */
  called?: string | null;
};

/** One of the people within reach, found by a part of their name or e-mail. */
export function PersonSelect({ value, called, ...rest }: Props) {
  const [typed, setTyped] = useState("");
  const [opened, setOpened] = useState(false);
  const [asked] = useDebouncedValue(typed.trim(), 200);
  const chosen = useQuery({
    queryKey: ["users", "chosen", value, called],
    queryFn: () => (called ? { value: value ?? "", label: called } : personOf(value ?? "")),
    enabled: Boolean(value),
  });
  // The name of the one who is chosen stands in the field: nobody looks for that.
  const part = asked === chosen.data?.label ? "" : asked;
  const found = useQuery({
    queryKey: ["users", "found", part],
    queryFn: () => peopleFound(part),
    enabled: opened,
    placeholderData: keepPreviousData,
  });
  const people = [...(chosen.data ? [chosen.data] : []), ...(found.data ?? [])];
  const data = [...new Map(people.map((person) => [person.value, person])).values()];
  return (
    <Select
      placeholder="Name or e-mail"
      nothingFoundMessage={found.isFetching ? "Looking…" : "Nobody by that name is within your reach."}
      clearable
      dir="auto"
      {...rest}
      value={value ?? null}
      data={data}
      filter={({ options }) => options}
      onSearchChange={setTyped}
      onDropdownOpen={() => setOpened(true)}
      searchable
    />
  );
}

const optionOf = ({ id, name, email }: Pick<Schemas["UserAnswer"], "id" | "name" | "email">): Person => ({
  value: id,
  label: `${name} · ${email}`,
});

async function peopleFound(part: string): Promise<Person[]> {
  const query = { q: part.slice(0, 120) || undefined, limit: 20 };
  return (await answer(api.GET("/v1/users", { params: { query } }))).items.map(optionOf);
}

/** Someone who is not there any more is still shown as chosen, so that the choice can be taken away. */
async function personOf(user_id: string): Promise<Person> {
  try {
    return optionOf(await answer(api.GET("/v1/users/{user_id}", { params: { path: { user_id } } })));
  } catch (failed) {
    if (failed instanceof ApiError && [404, 422].includes(failed.status))
      return { value: user_id, label: "Someone who is not there" };
    throw failed;
  }
}
