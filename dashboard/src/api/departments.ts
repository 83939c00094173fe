/** The departments within reach: read once, whichever way a page looks at them. */

import { queryOptions } from "@tanstack/react-query";
import { unnest } from "@/lib/tree";
import { answer, api } from "./client";

/** As a tree. */
export const departmentTreeQuery = queryOptions({
  queryKey: ["departments"],
  queryFn: async () => (await answer(api.GET("/v1/departments"))).root,
});

/** As a flat list, those above before those below. */
export const departmentsQuery = queryOptions({ ...departmentTreeQuery, select: unnest });
