import { queryOptions } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { sessionQuery } from "@/api/session";

export type Organization = Schemas["OrganizationAnswer"];

export const organizationQuery = queryOptions({
  queryKey: ["organization"],
  queryFn: () => answer(api.GET("/v1/organization")),
});

/** The session has the organisation's name; the root department follows it. */
export const useChangeOrganization = () =>
  useAct({
    act: (body: Schemas["OrganizationChange"]) => answer(api.PATCH("/v1/organization", { body })),
    touches: [organizationQuery.queryKey, sessionQuery.queryKey, ["departments"], ["audit-log"]],
    done: "Saved.",
    quiet: true,
  });
