/** Requests for extra tokens: every key begins with "exemptions". */

import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";

export type Exemption = Schemas["ExemptionAnswer"];
export type Status = Exemption["status"];

export const STATUSES = ["pending", "approved", "denied", "expired"] as const satisfies readonly Status[];

export function exemptionsQuery(status: Status) {
  return listQuery(["exemptions", "of", status], (cursor) =>
    answer(api.GET("/v1/budget-exemptions", { params: { query: { status, cursor } } })),
  );
}

export function useAskForExemption() {
  return useAct({
    act: (body: Schemas["NewExemptionBody"]) => answer(api.POST("/v1/budget-exemptions", { body })),
    touches: [["exemptions"]],
    quiet: true,
  });
}

export type Verdict = "approve" | "deny";

export function useReview(exemptionId: string, verdict: Verdict) {
  return useAct({
    act: (notes: string) => {
      const asked = {
        params: { path: { exemption_id: exemptionId } },
        body: notes.trim() ? { notes: notes.trim() } : {},
      };
      return answer(
        verdict === "approve"
          ? api.POST("/v1/budget-exemptions/{exemption_id}/approve", asked)
          : api.POST("/v1/budget-exemptions/{exemption_id}/deny", asked),
      );
    },
    touches: [["exemptions"], ["budgets"]],
    done: (decided) => `The request of ${decided.user_email} is ${decided.status}.`,
    quiet: true,
  });
}
