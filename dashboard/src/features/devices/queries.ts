/** Devices and enrolment tokens, as the server has them. */

import { queryOptions } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export type Device = Schemas["DeviceAnswer"];
export type EnrollmentToken = Schemas["EnrollmentTokenAnswer"];
export type DeviceFilter = { status?: Schemas["Status"]; user?: string; q?: string };

const LIMIT = 50;

export function devicesQuery({ status, user, q }: DeviceFilter) {
  return listQuery<Device>(["devices", "list", status, user, q], (cursor) =>
    answer(api.GET("/v1/devices", { params: { query: { status, user_id: user, q, cursor, limit: LIMIT } } })),
  );
}

export function deviceQuery(id: string) {
  return queryOptions({
    queryKey: ["devices", "one", id],
    queryFn: () => answer(api.GET("/v1/devices/{device_id}", { params: { path: { device_id: id } } })),
  });
}

export const enrollmentTokensQuery = listQuery<EnrollmentToken>(["enrollment-tokens"], (cursor) =>
  answer(api.GET("/v1/enrollment-tokens", { params: { query: { cursor, limit: LIMIT } } })),
);

export function useRevokeDevice() {
  return useAct({
    act: (id: string) =>
      answer(api.DELETE("/v1/devices/{device_id}", { params: { path: { device_id: id } } })),
    touches: [["devices"]],
    done: (device) => `${device.hostname || "The reserved device"} is revoked.`,
  });
}

export function useMakeToken() {
  return useAct({
    act: (body: Schemas["NewEnrollmentToken"]) => answer(api.POST("/v1/enrollment-tokens", { body })),
    touches: [["enrollment-tokens"], ["devices"]],
    quiet: true,
  });
}

export function useGiveCode() {
  return useAct({
    act: (id: string) =>
      answer(api.POST("/v1/enrollment-tokens/{token_id}/code", { params: { path: { token_id: id } } })),
    touches: [],
    quiet: true,
  });
}

export function useRevokeToken() {
  return useAct({
    act: (id: string) =>
      answer(api.DELETE("/v1/enrollment-tokens/{token_id}", { params: { path: { token_id: id } } })),
    touches: [["enrollment-tokens"], ["devices"]],
    done: "The token is revoked.",
  });
}
