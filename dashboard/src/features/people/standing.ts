import type { Person } from "./queries";

export const STATUSES: Record<Person["status"], string> = { active: "Active", suspended: "Suspended" };
