/** What the page of people shows, as its URL says it. */

import { maybeOneOf, text, viewOf } from "@/lib/view";
import type { Person, Role } from "./queries";

export type PeopleView = {
  q: string | undefined;
  department: string | undefined;
  role: Role | undefined;
  status: Person["status"] | undefined;
};

export const readPeopleView = viewOf<PeopleView>({
  q: text,
  department: text,
  role: maybeOneOf(["owner", "admin", "manager", "member"]),
  status: maybeOneOf(["active", "suspended"]),
});
