import { Button, Group, Text } from "@mantine/core";
import { exact } from "@/lib/format";

/** Counting stops there, as the API does: see `total_count`. */
const COUNTED_TO = 10_000;

type Props = {
  shown: number;
  total: number;
  noun: string;
  hasMore: boolean;
  loading: boolean;
  more: () => void;
};

/** How many of all are shown, and the next ones. */
export function More({ shown, total, noun, hasMore, loading, more }: Props) {
  const all = total >= COUNTED_TO ? `more than ${exact(COUNTED_TO)}` : exact(total);
  return (
    <Group justify="center" gap="md" py="xs">
      <Text size="sm" c="dimmed" aria-live="polite">
        {exact(shown)} of {all} {noun}
      </Text>
      {hasMore && (
        <Button size="compact-sm" variant="default" loading={loading} onClick={more}>
          Show more
        </Button>
      )}
    </Group>
  );
}
