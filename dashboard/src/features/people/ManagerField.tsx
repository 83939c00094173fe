import { Autocomplete } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactNode } from "react";
import { someoneQuery } from "./queries";

type Props = { value?: string; onChange?: (email: string) => void; error?: ReactNode };

/** Whom someone reports to: an e-mail, with people suggested as it is typed. */
export function ManagerField({ value = "", onChange, error }: Props) {
  const [asked] = useDebouncedValue(value.trim(), 250);
  const { data } = useQuery({ ...someoneQuery(asked), placeholderData: keepPreviousData });
  const names = new Map(data?.items.map((person) => [person.email, person.name]));
  return (
    <Autocomplete
      label="Manager"
      description="Whom they report to: type a name or an e-mail. Leave it empty for nobody."
      data={[...names.keys()]}
      // The server has searched, by name too.
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <span dir="auto" className="names">
          {names.get(option.value)} · {option.value}
        </span>
      )}
      maxLength={254}
      value={value}
      onChange={onChange}
      error={error}
    />
  );
}
