/** Who may give which role: nobody one above their own, and only owners touch owners. Pure. */

import type { Session } from "@/api/session";
import type { Person, Role } from "./queries";

export const ROLES: Record<Role, string> = {
  owner: "Owner",
  admin: "Admin",
  manager: "Manager",
  member: "Member",
};

const RIGHTS: Record<Role, string> = {
  owner: "everything",
  admin: "everything, but not changing owners",
  manager: "sees their department and all below it",
  member: "sees themselves",
};

type Caller = Pick<Session, "role">;

export function rolesToGive({ role }: Caller): { value: Role; label: string }[] {
  const all: Role[] =
    role === "owner" ? ["member", "manager", "admin", "owner"] : ["member", "manager", "admin"];
  return all.map((value) => ({ value, label: `${ROLES[value]} – ${RIGHTS[value]}` }));
}

export function mayChange({ role }: Caller, person: Pick<Person, "role">): boolean {
  return role === "owner" || person.role !== "owner";
}
