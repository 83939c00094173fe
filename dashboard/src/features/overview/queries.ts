import { queryOptions } from "@tanstack/react-query";
import { answer, api } from "@/api/client";

import type { Budget } from "./near";

const MOST_PAGES = 10;

/** The budgets someone can see; `whole` unless there are more than are worth reading for a summary. */
export const allBudgetsQuery = queryOptions({
  queryKey: ["budgets", "all"],
  queryFn: async (): Promise<{ budgets: Budget[]; whole: boolean }> => {
    const budgets: Budget[] = [];
    let cursor: string | null | undefined;
    for (let page = 0; page < MOST_PAGES; page++) {
      const query = { limit: 100, cursor: cursor ?? undefined };
      const read = await answer(api.GET("/v1/budgets", { params: { query } }));
      budgets.push(...read.items);
      cursor = read.next_cursor;
      if (!read.has_more) return { budgets, whole: true };
    }
    return { budgets, whole: false };
  },
});
