import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export type AlertAnswer = Schemas["AlertAnswer"];

type Filters = {
  status?: AlertAnswer["status"];
  severity?: AlertAnswer["severity"];
  budget_id?: string;
};

export const alertsQuery = (filters: Filters) =>
  listQuery(["alerts", "list", filters], (cursor) =>
    answer(api.GET("/v1/alerts", { params: { query: { ...filters, cursor, limit: 25 } } })),
  );

const TOUCHES = [["alerts"], ["audit-log"]];

export const useAcknowledge = () =>
  useAct({
    act: (alert_id: string) =>
      answer(api.POST("/v1/alerts/{alert_id}/acknowledge", { params: { path: { alert_id } } })),
    touches: TOUCHES,
    done: "Acknowledged: others see that you take care of it.",
  });

export const useResolve = () =>
  useAct({
    act: (alert_id: string) =>
      answer(api.POST("/v1/alerts/{alert_id}/resolve", { params: { path: { alert_id } } })),
    touches: TOUCHES,
    done: "Resolved. It stays silent until the next period.",
  });
