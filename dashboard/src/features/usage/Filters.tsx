import { Button, Group, Select, SimpleGrid } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { useSession } from "@/api/session";
import { PersonSelect } from "@/ui/PersonSelect";
import { DepartmentFilter } from "./DepartmentFilter";
import { type Asked, modelsQuery, type Narrowed, providersQuery } from "./queries";
import { isNarrowed, NO_FILTERS } from "./view";

type Props = { asked: Asked; onChange: (narrowed: Narrowed) => void };

/** What usage is narrowed by; any of them together. What was used in the range can be chosen. */
export function Filters({ asked, onChange }: Props) {
  const alone = useSession().role === "member";
  const everything = { ...asked, ...NO_FILTERS };
  const { data: models } = useQuery(modelsQuery(everything));
  const { data: providers } = useQuery(providersQuery(everything));
  return (
    <Group align="end" gap="sm">
      <SimpleGrid cols={{ base: 1, xs: 2, md: alone ? 2 : 4 }} spacing="sm" flex={1}>
        {!alone && (
          <PersonSelect
            label="User"
            placeholder="Everyone"
            value={asked.user}
            onChange={(user) => onChange({ user: user ?? undefined })}
            clearButtonProps={{ "aria-label": "Everyone again" }}
          />
        )}
        <Chosen
          label="Model"
          value={asked.model}
          options={models?.models.map(({ model }) => [model, model]) ?? []}
          onChange={(model) => onChange({ model })}
        />
        <Chosen
          label="Provider"
          value={asked.provider}
          options={providers?.providers.map((one) => [one.provider, one.provider_name]) ?? []}
          onChange={(provider) => onChange({ provider })}
        />
        {!alone && (
          <DepartmentFilter value={asked.department} onChange={(department) => onChange({ department })} />
        )}
      </SimpleGrid>
      {isNarrowed(asked) && (
        <Button variant="subtle" onClick={() => onChange(NO_FILTERS)}>
          Clear
        </Button>
      )}
    </Group>
  );
}

type ChosenProps = {
  label: string;
  value: string | undefined;
  options: [value: string, label: string][];
  onChange: (value: string | undefined) => void;
};

function Chosen({ label, value, options, onChange }: ChosenProps) {
  const labels = new Map(options);
  // What the URL names may not have been used in this range; it is chosen all the same.
  if (value !== undefined && !labels.has(value)) labels.set(value, value);
  return (
    <Select
      label={label}
      placeholder="All"
      data={[...labels].map(([one, said]) => ({ value: one, label: said }))}
      value={value ?? null}
      onChange={(picked) => onChange(picked ?? undefined)}
      nothingFoundMessage={`No ${label.toLowerCase()} by that name was used`}
      searchable
      clearable
      clearButtonProps={{ "aria-label": `All ${label.toLowerCase()}s again` }}
    />
  );
}
