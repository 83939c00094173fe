import { queryOptions } from "@tanstack/react-query";
import { answer, api, type Schemas } from "@/api/client";
import { listQuery } from "@/api/pages";
import { type Range, rangeQuery } from "@/lib/range";

export type Narrowed = {
  user?: string | undefined;
  model?: string | undefined;
  provider?: string | undefined;
  department?: string | undefined;
};
export type Asked = Range & Narrowed;

export const LAST_30_DAYS: Range = { days: 30, start: undefined, end: undefined };
const MOST_MODELS = 100;
const A_MINUTE = 60_000;

function filtersOf({ user, model, provider, department }: Narrowed) {
  return { user_id: user, model, provider, department_id: department };
}

const queryOf = (asked: Asked) => ({ ...rangeQuery(asked), ...filtersOf(asked) });

export const overviewQuery = queryOptions({
  queryKey: ["usage", "overview"],
  queryFn: () => answer(api.GET("/v1/usage/overview")),
  refetchInterval: A_MINUTE,
});

export const seriesQuery = (asked: Asked) => {
  const query = queryOf(asked);
  return queryOptions({
    queryKey: ["usage", "series", query],
    queryFn: () => answer(api.GET("/v1/usage/series", { params: { query } })),
  });
};

export const providersQuery = (asked: Asked) => {
  const query = queryOf(asked);
  return queryOptions({
    queryKey: ["usage", "providers", query],
    queryFn: () => answer(api.GET("/v1/usage/providers", { params: { query } })),
  });
};

export const modelsQuery = (asked: Asked) => {
  const query = { ...queryOf(asked), limit: MOST_MODELS };
  return queryOptions({
    queryKey: ["usage", "models", query],
    queryFn: () => answer(api.GET("/v1/usage/models", { params: { query } })),
  });
};

export const topUsersQuery = (asked: Asked) => {
  const query = queryOf(asked);
  return queryOptions({
    queryKey: ["usage", "top-users", query],
    queryFn: () => answer(api.GET("/v1/usage/top-users", { params: { query } })),
  });
};

/** Usage by the hour since a day, the newest first. */
export const activityQuery = (since: string) =>
  listQuery<Schemas["UsageSummary"]>(["usage", "activity", since], (cursor) =>
    answer(
      api.GET("/v1/usage", {
        params: { query: { period: "hourly", start_date: since, limit: 10, cursor } },
      }),
    ),
  );

export const userQuery = (userId: string) =>
  queryOptions({
    queryKey: ["users", userId],
    queryFn: () => answer(api.GET("/v1/users/{user_id}", { params: { path: { user_id: userId } } })),
  });
