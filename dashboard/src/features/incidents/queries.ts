/** Incidents, as the server has them. */

import { queryOptions } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export type Incident = Schemas["IncidentAnswer"];
export type Entry = Schemas["EntryAnswer"];
export type IncidentLink = Schemas["LinkAnswer"];
export type Changes = Schemas["IncidentChangeBody"];

const TOUCHES = [["incidents"], ["incident"], ["audit-log"]];

export const incidentsQuery = (state: Incident["state"] | undefined) =>
  listQuery<Incident>(["incidents", state], (cursor) =>
    answer(api.GET("/v1/incidents", { params: { query: { state, cursor, limit: 25 } } })),
  );

const at = (incident_id: string) => ({ params: { path: { incident_id } } });

export const incidentQuery = (id: string) =>
  queryOptions({
    queryKey: ["incident", id],
    queryFn: () => answer(api.GET("/v1/incidents/{incident_id}", at(id))),
  });

export const linksQuery = (id: string) =>
  queryOptions({
    queryKey: ["incident", id, "links"],
    queryFn: () => answer(api.GET("/v1/incidents/{incident_id}/links", at(id))),
  });

export const timelineQuery = (incident_id: string) =>
  listQuery<Entry>(["incident", incident_id, "timeline"], (cursor) =>
    answer(
      api.GET("/v1/incidents/{incident_id}/timeline", {
        params: { path: { incident_id }, query: { cursor, limit: 50 } },
      }),
    ),
  );

export const useOpenIncident = () =>
  useAct({
    act: (body: Schemas["NewIncidentBody"]) => answer(api.POST("/v1/incidents", { body })),
    touches: TOUCHES,
    done: ({ number }) => `Incident #${number} is open.`,
    quiet: true,
  });

export const useChangeIncident = (incident_id: string) =>
  useAct({
    act: (body: Changes) => answer(api.PATCH("/v1/incidents/{incident_id}", { ...at(incident_id), body })),
    touches: TOUCHES,
  });

export const useComment = (incident_id: string) =>
  useAct({
    act: (text: string) =>
      answer(api.POST("/v1/incidents/{incident_id}/comments", { ...at(incident_id), body: { text } })),
    touches: TOUCHES,
  });
