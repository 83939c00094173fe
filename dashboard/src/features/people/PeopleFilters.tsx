import { Group } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { departmentsQuery } from "@/api/departments";
import { Choice } from "@/ui/Choice";
import { SearchBox } from "@/ui/SearchBox";
import { DepartmentPicker } from "./DepartmentPicker";
import { ROLES } from "./roles";
import { STATUSES } from "./standing";
import type { PeopleView } from "./view";

type Props = {
  view: PeopleView;
  change: (changes: Partial<PeopleView>, how?: { replace?: boolean }) => void;
};

export function PeopleFilters({ view, change }: Props) {
  const { data: departments } = useSuspenseQuery(departmentsQuery);
  return (
    <Group gap="xs" role="search" aria-label="Filter people">
      <SearchBox
        label="Search name or e-mail"
        value={view.q}
        onSearch={(q) => change({ q }, { replace: true })}
      />
      <DepartmentPicker
        departments={departments}
        value={view.department}
        onPick={(department) => change({ department })}
        aria-label="In this department or below it"
        placeholder="Any department"
        clearable
        clearButtonProps={{ "aria-label": "Clear: department" }}
      />
      <Choice
        label="Role"
        any="Any role"
        choices={ROLES}
        value={view.role}
        onChoose={(role) => change({ role })}
      />
      <Choice
        label="Status"
        any="Any status"
        choices={STATUSES}
        value={view.status}
        onChoose={(status) => change({ status })}
      />
    </Group>
  );
}
