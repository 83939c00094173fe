/** Between a person and the form about them. Only what differs is sent. Pure. */

import type { Schemas } from "@/api/client";
import type { Person, Role } from "./queries";

export type PersonValues = {
  name: string;
  email: string;
  department: string;
  role: Role;
  manager_email: string;
};

export function valuesOf(person: Person | null): PersonValues {
  if (!person) return { name: "", email: "", department: "", role: "member", manager_email: "" };
  const { name, email, role } = person;
  return { name, email, role, department: person.department_path, manager_email: person.manager_email ?? "" };
}

export function toAdd(values: PersonValues): Schemas["NewUser"] {
  const { name, email, role } = trimmed(values);
  return {
    name,
    email,
    role,
    department: values.department.trim() || null,
    manager_email: values.manager_email.trim() || null,
  };
}

export function changesOf(person: Person, values: PersonValues): Schemas["UserChange"] {
  const before = valuesOf(person);
  const after = trimmed(values);
  const changes: Schemas["UserChange"] = {};
  if (after.name !== before.name) changes.name = after.name;
  if (after.email !== before.email) changes.email = after.email;
  if (after.department !== before.department) changes.department = after.department;
  if (after.role !== before.role) changes.role = after.role;
  if (after.manager_email !== before.manager_email) changes.manager_email = after.manager_email || null;
  return changes;
}

function trimmed(values: PersonValues): PersonValues {
  return {
    role: values.role,
    name: values.name.trim(),
    email: values.email.trim(),
    department: values.department.trim(),
    manager_email: values.manager_email.trim(),
  };
}
