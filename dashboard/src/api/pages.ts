/** Lists of the API, page after page. */

import { infiniteQueryOptions, useSuspenseInfiniteQuery } from "@tanstack/react-query";

export type ListPage<T> = { items: T[]; next_cursor: string | null; has_more: boolean; total_count: number };

/** The query of a list. `fetchPage` asks for the page at a cursor. */
export function listQuery<T>(
  key: readonly unknown[],
  fetchPage: (cursor: string | undefined) => Promise<ListPage<T>>,
) {
  return infiniteQueryOptions({
    queryKey: key,
    queryFn: ({ pageParam }) => fetchPage(pageParam ?? undefined),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => (last.has_more ? last.next_cursor : null),
  });
}

/** What was fetched so far, and what `<More>` needs. */
export function useList<T>(query: ReturnType<typeof listQuery<T>>) {
  const { data, hasNextPage, isFetchingNextPage, fetchNextPage } = useSuspenseInfiniteQuery(query);
  const items = data.pages.flatMap((page) => page.items);
  const more = {
    shown: items.length,
    total: Math.max(items.length, data.pages[0]?.total_count ?? 0),
    hasMore: hasNextPage,
    loading: isFetchingNextPage,
    more: () => void fetchNextPage(),
  };
  return { items, more };
}
