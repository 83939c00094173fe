import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export type ApiKey = Schemas["ApiKeyAnswer"];
export type OAuthClient = Schemas["ClientAnswer"];

const KEYS = ["api-keys"];
const CLIENTS = ["oauth-clients"];
const LOG = ["audit-log"];

export const keysQuery = listQuery(KEYS, (cursor) =>
  answer(api.GET("/v1/api-keys", { params: { query: { cursor, limit: 50 } } })),
);

export const clientsQuery = listQuery(CLIENTS, (cursor) =>
  answer(api.GET("/v1/oauth/clients", { params: { query: { cursor, limit: 50 } } })),
);

export const useMakeKey = () =>
  useAct({
    act: (body: Schemas["NewApiKey"]) => answer(api.POST("/v1/api-keys", { body })),
    touches: [KEYS, LOG],
    quiet: true,
  });

export const useMakeClient = () =>
  useAct({
    act: (body: Schemas["NewClient"]) => answer(api.POST("/v1/oauth/clients", { body })),
    touches: [CLIENTS, LOG],
    quiet: true,
  });

export const useRevokeKey = () =>
  useAct({
    act: (key_id: string) => answer(api.DELETE("/v1/api-keys/{key_id}", { params: { path: { key_id } } })),
    touches: [KEYS, LOG],
    done: "The key is revoked.",
  });

export const useRevokeClient = () =>
  useAct({
    act: (client_id: string) =>
      answer(api.DELETE("/v1/oauth/clients/{client_id}", { params: { path: { client_id } } })),
    touches: [CLIENTS, LOG],
    done: "The client is revoked, and its tokens with it.",
  });
