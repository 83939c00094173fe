/** Budgets, and what belongs to one: every key begins with "budgets", so that one word reads all of it again. */

import { infiniteQueryOptions, queryOptions, useQuery, useSuspenseQuery } from "@tanstack/react-query";
import { useAct } from "@/api/act";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";
import { organizationQuery } from "../settings/queries";

export type Budget = Schemas["BudgetAnswer"];
export type Period = Schemas["PeriodAnswer"];
export type Hold = Schemas["HoldAnswer"];
export type Rollover = Schemas["RolloverAnswer"];
export type BudgetAlert = Schemas["AlertAnswer"];

/** More budgets than these are not read at once. */
const MOST_PAGES = 20;

/** All budgets within reach, the archived ones instead when asked for. */
export function budgetsQuery(archived: boolean) {
  return queryOptions({
    queryKey: ["budgets", "all", { archived }],
    queryFn: () => everyBudget(archived),
  });
}

export type Budgets = { items: Budget[]; total: number };

async function everyBudget(archived: boolean): Promise<Budgets> {
  const items: Budget[] = [];
  let cursor: string | null = null;
  for (let page = 0; page < MOST_PAGES; page++) {
    const query: { archived: boolean; limit: number; cursor: string | null } = {
      archived,
      limit: 100,
      cursor,
    };
    const answered = await answer(api.GET("/v1/budgets", { params: { query } }));
    items.push(...answered.items);
    cursor = answered.next_cursor;
    if (cursor === null) return { items, total: items.length };
    if (page === MOST_PAGES - 1) return { items, total: answered.total_count };
  }
  return { items, total: items.length };
}

export function budgetQuery(budgetId: string) {
  return queryOptions({
    queryKey: ["budgets", "one", budgetId],
    queryFn: () => answer(api.GET("/v1/budgets/{budget_id}", { params: { path: { budget_id: budgetId } } })),
  });
}

export function periodsQuery(budgetId: string) {
  return listQuery(["budgets", "periods", budgetId], (cursor) =>
    answer(
      api.GET("/v1/budgets/{budget_id}/periods", {
        params: { path: { budget_id: budgetId }, query: { cursor, limit: 24 } },
      }),
    ),
  );
}

/** Live holds page by page, with what people out of reach hold. */
export function holdsQuery(budgetId: string) {
  return infiniteQueryOptions({
    queryKey: ["budgets", "holds", budgetId],
    queryFn: ({ pageParam: cursor }) =>
      answer(
        api.GET("/v1/budgets/{budget_id}/holds", {
          params: { path: { budget_id: budgetId }, query: { cursor } },
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.next_cursor,
  });
}

export function rolloversQuery(budgetId: string) {
  return listQuery(["budgets", "rollovers", budgetId], (cursor) =>
    answer(
      api.GET("/v1/budgets/{budget_id}/rollovers", {
        params: { path: { budget_id: budgetId }, query: { cursor, limit: 12 } },
      }),
    ),
  );
}

export function budgetAlertsQuery(budgetId: string) {
  return listQuery(["alerts", "of", budgetId], (cursor) =>
    answer(api.GET("/v1/alerts", { params: { query: { budget_id: budgetId, cursor, limit: 10 } } })),
  );
}

/** How many exemption requests wait; only asked by those who can decide them. */
export function usePendingExemptions(asked: boolean) {
  return useQuery({
    queryKey: ["exemptions", "count"],
    queryFn: async () =>
      (await answer(api.GET("/v1/budget-exemptions", { params: { query: { status: "pending", limit: 1 } } })))
        .total_count,
    enabled: asked,
    refetchInterval: 60_000,
  });
}

const BUDGETS = [["budgets"], ["alerts"], ["departments"]] as const;

export function useCreateBudget() {
  return useAct({
    act: (body: Schemas["NewBudgetBody"]) => answer(api.POST("/v1/budgets", { body })),
    touches: BUDGETS,
    done: (made) => `The budget of ${made.name} is there.`,
    quiet: true,
  });
}

export function useChangeBudget(budgetId: string) {
  return useAct({
    act: (body: Schemas["BudgetChangeBody"]) =>
      answer(api.PATCH("/v1/budgets/{budget_id}", { params: { path: { budget_id: budgetId } }, body })),
    touches: BUDGETS,
    done: (changed) => `The budget of ${changed.name} is changed.`,
    quiet: true,
  });
}

export function useArchiveBudget(budget: Budget) {
  return useAct({
    act: () => answer(api.DELETE("/v1/budgets/{budget_id}", { params: { path: { budget_id: budget.id } } })),
    touches: BUDGETS,
    done: `The budget of ${budget.name} is archived.`,
  });
}

type AlertStep = { alertId: string; step: "acknowledge" | "resolve" };

export function useActOnAlert() {
  return useAct({
    act: ({ alertId, step }: AlertStep) => {
      const params = { path: { alert_id: alertId } };
      return answer(
        step === "acknowledge"
          ? api.POST("/v1/alerts/{alert_id}/acknowledge", { params })
          : api.POST("/v1/alerts/{alert_id}/resolve", { params }),
      );
    },
    touches: [["alerts"]],
  });
}

/** Tokens of this month within reach, as usage says; undefined while it is not known. */
export function useUsedThisMonth(asked: boolean) {
  return useQuery({
    queryKey: ["usage", "this month"],
    queryFn: async () => {
      const query = { period: "monthly", days: 7 } as const;
      return (
        (await answer(api.GET("/v1/usage/series", { params: { query } }))).items.at(-1)?.total_tokens ?? 0
      );
    },
    enabled: asked,
    refetchInterval: 30_000,
  });
}

/** The zone in which the organisation's periods begin and end. */
export function useTimeZone(): string {
  return useSuspenseQuery(organizationQuery).data.time_zone;
}
