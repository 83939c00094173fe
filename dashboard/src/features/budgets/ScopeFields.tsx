import { Alert, Autocomplete, Input, SegmentedControl, Stack, Text } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { departmentTreeQuery } from "@/api/departments";
import { type Place, placeOf } from "@/lib/departments";
import { unnest } from "@/lib/tree";
import { PersonSelect } from "@/ui/PersonSelect";
import type { BudgetFields } from "./BudgetForm";

/** For whom a budget is. */
export function ScopeFields({ form }: { form: BudgetFields }) {
  const { scope } = form.getValues();
  return (
    <Stack gap="sm">
      <Input.Label labelElement="div" id="budget-scope">
        For whom
      </Input.Label>
      <SegmentedControl
        aria-labelledby="budget-scope"
        data={[
          { value: "organization", label: "Everyone" },
          { value: "department", label: "A department" },
          { value: "user", label: "One person" },
        ]}
        {...form.getInputProps("scope")}
      />
      {scope === "organization" && (
        <Text size="sm" c="dimmed">
          The whole organisation: what anyone uses counts in it.
        </Text>
      )}
      {scope === "department" && <DepartmentField form={form} />}
      {scope === "user" && <PersonSelect label="Person" required {...form.getInputProps("user_id")} />}
    </Stack>
  );
}

function DepartmentField({ form }: { form: BudgetFields }) {
  const { data: root } = useQuery(departmentTreeQuery);
  const { department } = form.getValues();
  const paths = root ? [...new Set(unnest(root).map((node) => node.path))] : [];
  return (
    <>
      <Autocomplete
        label="Department"
        description="A name or a path, such as Engineering / Platform. It counts with everything below it."
        required
        data={paths}
        limit={30}
        dir="auto"
        {...form.getInputProps("department")}
      />
      {root && <Meaning place={placeOf(root, department)} />}
    </>
  );
}

/** What will happen with what is typed, before it happens. */
function Meaning({ place }: { place: Place }) {
  if (place.kind === "new")
    return (
      <Alert color="yellow" variant="light" role="status">
        <span className="names">
          There is no department <b dir="auto">{place.names.join(" / ")}</b> below{" "}
          <b dir="auto">{place.under.name}</b> yet. It is made when you add this budget.
        </span>
      </Alert>
    );
  if (place.kind === "ambiguous")
    return (
      <Alert color="yellow" variant="light" role="status">
        Several departments are called this. Choose one by its path: {place.paths.join("; ")}.
      </Alert>
    );
  return null;
}
