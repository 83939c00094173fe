import { Button, Select, SimpleGrid, TextInput } from "@mantine/core";
import { DateInput } from "@mantine/dates";
import { useDebouncedCallback } from "@mantine/hooks";
import { PersonSelect } from "@/ui/PersonSelect";
import type { AuditView } from "./view";
import { ACTIONS, didWhat, KINDS } from "./words";

type Props = { view: AuditView; change: (changes: Partial<AuditView>) => void };

const NOTHING = {
  action: undefined,
  who: undefined,
  kind: undefined,
  id: undefined,
  since: undefined,
  until: undefined,
};

export function AuditFilters({ view, change }: Props) {
  const narrowed = Object.keys(NOTHING).some((name) => view[name as keyof AuditView] !== undefined);
  return (
    <SimpleGrid cols={{ base: 2, sm: 3, lg: 6 }} spacing="sm" role="search" aria-label="Narrow the log">
      <PersonSelect
        label="Who"
        placeholder="Anyone"
        size="xs"
        value={view.who}
        onChange={(who) => change({ who: who ?? undefined })}
      />
      <Choice
        label="Did what"
        value={view.action}
        options={actionsOf(view)}
        onChange={(action) => change({ action })}
      />
      <Choice label="To a" value={view.kind} options={kindsOf(view)} onChange={(kind) => change({ kind })} />
      <Target value={view.id} onChange={(id) => change({ id })} key={view.id} />
      <Day label="From" value={view.since} onChange={(since) => change({ since })} />
      <Day label="To the end of" value={view.until} onChange={(until) => change({ until })} />
      {narrowed && (
        <Button size="xs" variant="subtle" w="fit-content" onClick={() => change(NOTHING)}>
          Show everything
        </Button>
      )}
    </SimpleGrid>
  );
}

type Options = { value: string; label: string }[];
type Field = { label: string; value: string | undefined; onChange: (value: string | undefined) => void };

function Choice({ label, value, options, onChange }: Field & { options: Options }) {
  return (
    <Select
      label={label}
      size="xs"
      placeholder="Anything"
      value={value ?? null}
      onChange={(chosen) => onChange(chosen ?? undefined)}
      data={options}
      searchable
      clearable
    />
  );
}

function Day({ label, value, onChange }: Field) {
  return (
    <DateInput
      label={label}
      size="xs"
      placeholder="Any day"
      valueFormat="D MMM YYYY"
      value={value ?? null}
      onChange={(day) => onChange(day ?? undefined)}
      clearable
    />
  );
}

function Target({ value, onChange }: Omit<Field, "label">) {
  const settle = useDebouncedCallback((id: string) => onChange(id.trim() || undefined), 500);
  return (
    <TextInput
      label="With the id"
      size="xs"
      placeholder="Any"
      maxLength={200}
      defaultValue={value ?? ""}
      onChange={(event) => settle(event.currentTarget.value)}
    />
  );
}

/** What can be done to the chosen kind; what an address names is kept even if nobody foresaw it. */
function actionsOf({ kind, action }: AuditView): Options {
  const fitting = ACTIONS.filter((name) => !kind || name.startsWith(`${kind}.`));
  const all = action && !fitting.includes(action) ? [action, ...fitting] : fitting;
  return all.map((value) => ({ value, label: capital(didWhat(value)) }));
}

function kindsOf({ kind }: AuditView): Options {
  const names = kind && !(kind in KINDS) ? [kind, ...Object.keys(KINDS)] : Object.keys(KINDS);
  return names.map((value) => ({ value, label: capital(KINDS[value] ?? value) }));
}

function capital(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
