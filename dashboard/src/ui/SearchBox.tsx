import { CloseButton, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useEffect, useRef, useState } from "react";

type Props = { label: string; value: string | undefined; onSearch: (text: string | undefined) => void };

/** A search that is asked once typing pauses. */
export function SearchBox({ label, value = "", onSearch }: Props) {
  const [typed, setTyped] = useState(value);
  const asked = useRef(value);
  const ask = useDebouncedCallback((text: string) => {
    asked.current = text.trim();
    onSearch(text.trim() || undefined);
  }, 250);
  // Changed from elsewhere, such as by the back button.
  useEffect(() => {
    if (value === asked.current) return;
    asked.current = value;
    setTyped(value);
  }, [value]);
  const change = (text: string) => {
    setTyped(text);
    ask(text);
  };
  return (
    <TextInput
      type="search"
      aria-label={label}
      placeholder={label}
      maxLength={120}
      leftSection={<IconSearch size={14} />}
      rightSection={
        typed && <CloseButton size="sm" aria-label="Clear the search" onClick={() => change("")} />
      }
      value={typed}
      onChange={(event) => change(event.currentTarget.value)}
    />
  );
}
