import { Anchor, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { TokensPerDay } from "@/features/usage/charts/TokensPerDay";
import { LAST_30_DAYS, seriesQuery } from "@/features/usage/queries";
import { compact, exact } from "@/lib/format";

/** What was used under someone's name in the last 30 days. */
export function OwnUsage({ userId }: { userId: string }) {
  const { items } = useSuspenseQuery(seriesQuery({ ...LAST_30_DAYS, user: userId })).data;
  const tokens = items.reduce((sum, one) => sum + one.total_tokens, 0);
  const requests = items.reduce((sum, one) => sum + one.total_requests, 0);
  const about = (
    <Text span size="sm" inherit>
      You used {compact(tokens)} tokens in {exact(requests)} requests in the last 30 days.{" "}
      <Anchor component={Link} to="/usage" search={{ user: userId } as never} inherit underline="always">
        By model and provider
      </Anchor>
    </Text>
  );
  return <TokensPerDay days={items} name="my-tokens-per-day" title="Your tokens per day" about={about} />;
}
