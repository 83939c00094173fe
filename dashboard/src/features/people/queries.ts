/** People, departments and the import, as the server has them. */

import { queryOptions } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export type Person = Schemas["UserAnswer"];
export type Role = Schemas["Role"];
export type Department = Omit<Schemas["DepartmentNode"], "children">;
export type ImportAnswer = Schemas["ImportAnswer"];
export type PeopleFilter = { q?: string; department?: string; role?: Role; status?: Person["status"] };

const LIMIT = 50;
/** What changes in one of them shows in the others: a person's department, a path, whom a device is for. */
const TOUCHES = [["people"], ["users"], ["departments"], ["devices"]] as const;

export function peopleQuery({ q, department, role, status }: PeopleFilter) {
  return listQuery<Person>(["people", "list", q, department, role, status], (cursor) => {
    const query = { q, department_id: department, role, status, cursor, limit: LIMIT };
    return answer(api.GET("/v1/users", { params: { query } }));
  });
}

/** A few active people whose name or e-mail has this in it. */
export function someoneQuery(q: string) {
  return queryOptions({
    queryKey: ["people", "someone", q],
    queryFn: () =>
      answer(api.GET("/v1/users", { params: { query: { q: q || undefined, status: "active", limit: 8 } } })),
  });
}

export function useAddPerson() {
  return useAct({
    act: (body: Schemas["NewUser"]) => answer(api.POST("/v1/users", { body })),
    touches: TOUCHES,
    done: (made) => `${made.name} was added. An invitation lets them sign in.`,
    quiet: true,
  });
}

type Change = { id: string; changes: Schemas["UserChange"] };

export function useChangePerson({ quiet = false } = {}) {
  return useAct({
    act: ({ id, changes }: Change) =>
      answer(api.PATCH("/v1/users/{user_id}", { params: { path: { user_id: id } }, body: changes })),
    touches: TOUCHES,
    done: (changed) => `${changed.name} was changed.`,
    quiet,
  });
}

export function useInvite() {
  return useAct({
    act: (id: string) =>
      answer(api.POST("/v1/users/{user_id}/invitation", { params: { path: { user_id: id } } })),
    touches: [],
  });
}

/** The file goes as it is: the server says which row is not UTF-8. */
export function useImport({ dryRun }: { dryRun: boolean }) {
  return useAct({
    act: (file: Blob) =>
      answer(
        api.POST("/v1/users/import", {
          params: { query: { dry_run: dryRun } },
          headers: { "Content-Type": "text/csv" },
          body: "",
          bodySerializer: () => file,
        }),
      ),
    touches: dryRun ? [] : TOUCHES,
    quiet: true,
  });
}

export function useAddDepartment() {
  return useAct({
    act: (body: Schemas["NewDepartment"]) => answer(api.POST("/v1/departments", { body })),
    touches: TOUCHES,
    quiet: true,
  });
}

type DepartmentChange = { id: string; changes: Schemas["DepartmentChange"] };

export function useChangeDepartment({ quiet = false } = {}) {
  return useAct({
    act: ({ id, changes }: DepartmentChange) =>
      answer(
        api.PATCH("/v1/departments/{department_id}", {
          params: { path: { department_id: id } },
          body: changes,
        }),
      ),
    touches: [...TOUCHES, ["budgets"], ["usage"]],
    quiet,
  });
}

export function useDeleteDepartment() {
  return useAct({
    act: ({ id }: Department) =>
      answer(api.DELETE("/v1/departments/{department_id}", { params: { path: { department_id: id } } })),
    touches: TOUCHES,
    done: "The department is deleted.",
  });
}
