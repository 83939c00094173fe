import { expect, test } from "vitest";
import { changesOf, toAdd, valuesOf } from "./person";
import type { Person } from "./queries";
import { mayChange, rolesToGive } from "./roles";

const ADA: Person = {
  id: "1",
  name: "Ada",
  email: "ada@example.com",
  role: "member",
  status: "active",
  department_id: "2",
  department: "Platform",
  department_path: "Acme / Platform",
  manager_id: "3",
  manager_email: "grace@example.com",
  created_at: "2026-01-01T00:00:00Z",
};

test("only what differs is sent", () => {
  expect(changesOf(ADA, valuesOf(ADA))).toEqual({});
  expect(changesOf(ADA, { ...valuesOf(ADA), name: " Ada L. " })).toEqual({ name: "Ada L." });
  expect(changesOf(ADA, { ...valuesOf(ADA), role: "admin", department: "Sales" })).toEqual({
    role: "admin",
    department: "Sales",
  });
});

test("an emptied manager is taken away", () => {
  expect(changesOf(ADA, { ...valuesOf(ADA), manager_email: "" })).toEqual({ manager_email: null });
});

test("someone new without a department or manager has none", () => {
  expect(toAdd({ ...valuesOf(null), name: "Bo", email: " bo@example.com" })).toEqual({
    name: "Bo",
    email: "bo@example.com",
    role: "member",
    department: null,
    manager_email: null,
  });
});

test("only owners make and change owners", () => {
  expect(rolesToGive({ role: "admin" }).map(({ value }) => value)).not.toContain("owner");
  expect(rolesToGive({ role: "owner" }).map(({ value }) => value)).toContain("owner");
  expect(mayChange({ role: "admin" }, { role: "owner" })).toBe(false);
  expect(mayChange({ role: "admin" }, { role: "admin" })).toBe(true);
});
