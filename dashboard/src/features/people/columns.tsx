import { Text } from "@mantine/core";
import type { Column } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { Standing } from "@/ui/Standing";
import type { Person } from "./queries";
import { ROLES } from "./roles";
import { STATUSES } from "./standing";

export const PEOPLE_COLUMNS: Column<Person>[] = [
  { title: "Name", cell: nameOf, csv: (person) => person.name },
  { title: "Department", cell: departmentOf, csv: (person) => person.department_path },
  {
    title: "Role",
    cell: (person) => (
      <Text span size="sm" style={{ whiteSpace: "nowrap" }}>
        {ROLES[person.role]}
      </Text>
    ),
    csv: (person) => person.role,
  },
  { title: "Manager", cell: (person) => person.manager_email ?? "–", csv: (person) => person.manager_email },
  { title: "Status", cell: statusOf, csv: (person) => person.status },
  { title: "Added", cell: (person) => <When at={person.created_at} />, csv: (person) => person.created_at },
];

/** For the file only: on screen it stands under the name. */
export const EMAIL_COLUMN: Column<Person> = {
  title: "E-mail",
  cell: (person) => person.email,
  csv: (person) => person.email,
};

function nameOf(person: Person) {
  return (
    <>
      <Text size="sm" fw={500} dir="auto" className="names" lineClamp={2} title={person.name}>
        {person.name}
      </Text>
      <Text size="xs" c="dimmed">
        {person.email}
      </Text>
    </>
  );
}

function departmentOf(person: Person) {
  return (
    <Text size="sm" dir="auto" className="names" lineClamp={2} title={person.department_path}>
      {person.department}
    </Text>
  );
}

function statusOf(person: Person) {
  return (
    <Standing
      color={person.status === "active" ? "teal" : "red"}
      title={person.status === "suspended" ? "Cannot sign in; keys and devices do not work." : undefined}
    >
      {STATUSES[person.status]}
    </Standing>
  );
}
