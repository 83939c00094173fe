import { Button, Code, Select, Stack, TextInput } from "@mantine/core";
import { useForm } from "@mantine/form";
import { When } from "@/ui/Figure";
import { FormError } from "@/ui/FormError";
import { Section } from "@/ui/Page";
import { changesOf, refusals, timeZones } from "./changes";
import { type Organization, useChangeOrganization } from "./queries";

const REGIONS: Readonly<Record<string, string>> = {
  us: "United States",
  eu: "European Union",
  au: "Australia",
  ca: "Canada",
};

export function OrganizationForm({ organization }: { organization: Organization }) {
  const change = useChangeOrganization();
  const { name, time_zone } = organization;
  const form = useForm({
    initialValues: { name, time_zone },
    validate: { name: (wanted) => (wanted.trim() ? null : "An organisation has a name.") },
  });
  const changes = changesOf(organization, form.values);
  const submit = form.onSubmit(() =>
    change.mutate(changes, { onError: (failed) => form.setErrors(refusals(failed)) }),
  );
  return (
    <Section title="Organisation" about={<About organization={organization} />}>
      <form onSubmit={submit}>
        <Stack maw={460}>
          <FormError>{form.errors[""]}</FormError>
          <TextInput label="Name" maxLength={120} dir="auto" {...form.getInputProps("name")} />
          <Select
            label="Time zone"
            description="Days, weeks and budget periods are counted in it. So it stays as it is once there is usage or a budget."
            data={timeZones(time_zone)}
            searchable
            allowDeselect={false}
            nothingFoundMessage="No time zone by that name"
            {...form.getInputProps("time_zone")}
          />
          <Fixed
            label="Currency"
            value={organization.currency}
            why="Prices are published in US dollars, so that is the only one for now."
          />
          <Fixed
            label="Region"
            value={REGIONS[organization.region] ?? organization.region}
            why="Where your data is kept. It was chosen when the organisation was made."
          />
          <Button
            type="submit"
            loading={change.isPending}
            disabled={Object.keys(changes).length === 0}
            w="fit-content"
          >
            Save
          </Button>
        </Stack>
      </form>
    </Section>
  );
}

function About({ organization: { id, created_at } }: { organization: Organization }) {
  return (
    <>
      Made <When at={created_at} />; its id is <Code>{id}</Code>.
    </>
  );
}

function Fixed({ label, value, why }: { label: string; value: string; why: string }) {
  return <TextInput label={label} value={value} description={why} readOnly variant="filled" />;
}
