import { Select } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { departmentsQuery } from "@/api/departments";

type Props = { value: string | undefined; onChange: (departmentId: string | undefined) => void };

const MOST_SHOWN = 100;

/** A department, with all below it. */
export function DepartmentFilter({ value, onChange }: Props) {
  const { data: departments = [] } = useQuery(departmentsQuery);
  return (
    <Select
      label="Department"
      placeholder="All"
      data={departments.map(({ id, path }) => ({ value: id, label: path }))}
      value={value ?? null}
      onChange={(picked) => onChange(picked ?? undefined)}
      limit={MOST_SHOWN}
      nothingFoundMessage="No department by that name"
      searchable
      clearable
      dir="auto"
      clearButtonProps={{ "aria-label": "All departments again" }}
    />
  );
}
