import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export const capturedQuery = queryOptions({
  queryKey: ["usage", "captured"],
  queryFn: () => answer(api.GET("/v1/usage/captured")),
});

export const devicesOfQuery = (userId: string) =>
  listQuery<Schemas["DeviceAnswer"]>(["devices", "of", userId], (cursor) =>
    answer(api.GET("/v1/devices", { params: { query: { user_id: userId, cursor } } })),
  );

export const exemptionsOfQuery = (userId: string) =>
  listQuery<Schemas["ExemptionAnswer"]>(["exemptions", "of", userId], (cursor) =>
    answer(api.GET("/v1/budget-exemptions", { params: { query: { user_id: userId, cursor } } })),
  );
