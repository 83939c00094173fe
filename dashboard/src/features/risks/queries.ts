/** Risk events and the GitHub integration, as the server has them. */

import { queryOptions } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export type Risk = Schemas["RiskAnswer"];
export type Integration = Schemas["IntegrationAnswer"];

export const risksQuery = (level: Risk["level"] | undefined) =>
  listQuery<Risk>(["risks", level], (cursor) =>
    answer(api.GET("/v1/risk-events", { params: { query: { level, cursor, limit: 25 } } })),
  );

export const integrationsQuery = listQuery<Integration>(["github"], (cursor) =>
  answer(api.GET("/v1/integrations/github", { params: { query: { cursor, limit: 25 } } })),
);

export const identitiesQuery = queryOptions({
  queryKey: ["github-identities"],
  queryFn: () => answer(api.GET("/v1/integrations/github-identities")),
});

const TOUCHES = [["github"], ["github-identities"], ["audit-log"]];

export const useConnect = () =>
  useAct({
    act: (name: string) => answer(api.POST("/v1/integrations/github", { body: { name } })),
    touches: TOUCHES,
  });

export const useDisconnect = () =>
  useAct({
    act: (integration_id: string) =>
      answer(
        api.DELETE("/v1/integrations/github/{integration_id}", { params: { path: { integration_id } } }),
      ),
    touches: TOUCHES,
    done: "GitHub is not heard any more. What it told of stays.",
  });

export const useIdentify = () =>
  useAct({
    act: (body: Schemas["IdentityBody"]) => answer(api.PUT("/v1/integrations/github-identities", { body })),
    touches: TOUCHES,
    quiet: true,
  });

export const useForgetIdentity = () =>
  useAct({
    act: (login: string) =>
      answer(api.DELETE("/v1/integrations/github-identities/{login}", { params: { path: { login } } })),
    touches: TOUCHES,
  });
