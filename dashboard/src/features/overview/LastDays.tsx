import { useSuspenseQuery } from "@tanstack/react-query";
import { TokensPerDay } from "@/features/usage/charts/TokensPerDay";
import { LAST_30_DAYS, seriesQuery } from "@/features/usage/queries";

/** Tokens on each of the last 30 days. */
export function LastDays() {
  const { items, time_zone } = useSuspenseQuery(seriesQuery(LAST_30_DAYS)).data;
  return (
    <TokensPerDay days={items} name="tokens-per-day-last-30-days" about={`Last 30 days, in ${time_zone}`} />
  );
}
