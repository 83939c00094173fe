import { Button, Stack, Text } from "@mantine/core";
import { useSuspenseQueries } from "@tanstack/react-query";
import { useSession } from "@/api/session";
import { rangeWords } from "@/lib/range";
import { Empty } from "@/ui/states";
import { ByModel } from "./charts/ByModel";
import { ByProvider } from "./charts/ByProvider";
import { TokensPerDay } from "./charts/TokensPerDay";
import { type Asked, modelsQuery, providersQuery, seriesQuery, topUsersQuery } from "./queries";
import { TopUsers } from "./TopUsers";
import { fileName, isNarrowed } from "./view";

type Props = { asked: Asked; onClear: () => void; onPickUser: (userId: string) => void };

/** All figures of a range and its filters. They come together, so that they never speak of different days. */
export function Results({ asked, onClear, onPickUser }: Props) {
  const alone = useSession().role === "member";
  const [series, providers, models, topUsers] = useSuspenseQueries({
    queries: [seriesQuery(asked), providersQuery(asked), modelsQuery(asked), topUsersQuery(asked)],
  });
  const { items, start_date, end_date, time_zone } = series.data;
  if (items.every((one) => one.total_requests === 0))
    return <Nothing asked={asked} onClear={onClear} words={rangeWords(start_date, end_date)} />;
  return (
    <Stack gap="lg">
      <Text size="sm" c="dimmed">
        {rangeWords(start_date, end_date)}, days in {time_zone}
      </Text>
      <ByProvider providers={providers.data.providers} name={fileName("tokens-by-provider", asked)} />
      <TokensPerDay days={items} name={fileName("tokens-per-day", asked)} />
      <ByModel models={models.data.models} name={fileName("tokens-by-model", asked)} />
      {!alone && (
        <TopUsers users={topUsers.data.users} name={fileName("top-users", asked)} onPick={onPickUser} />
      )}
    </Stack>
  );
}

function Nothing({ asked, onClear, words }: { asked: Asked; onClear: () => void; words: string }) {
  if (!isNarrowed(asked))
    return (
      <Empty title={`Nothing was used from ${words}`}>
        Usage is here about as soon as a device reports it. Try a longer range, or look whether devices are
        enrolled.
      </Empty>
    );
  return (
    <Empty title={`Nothing fits these filters from ${words}`}>
      <Stack align="center" gap="sm">
        <Text size="sm">There may be usage without them, or in a longer range.</Text>
        <Button variant="default" size="xs" onClick={onClear}>
          Clear the filters
        </Button>
      </Stack>
    </Empty>
  );
}
