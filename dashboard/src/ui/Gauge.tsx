import { Group, Progress, Text } from "@mantine/core";
import { amount, exactAmount, percent, type Unit } from "@/lib/format";

export type Level = { limit: number; used: number; held: number; unit: Unit; thresholds?: readonly number[] };

type Standing = "within" | "near" | "over";
const COLOURS: Record<Standing, string> = { within: "teal.7", near: "yellow.7", over: "red.7" };
const WORDS: Record<Standing, string> = {
  within: "within budget",
  near: "near the limit",
  over: "over the limit",
};

/** How a budget stands: over from its limit on, near from its lowest threshold on. */
export function standingOf({ limit, used, held, thresholds = [70] }: Level): Standing {
  if (used + held >= limit) return used + held === 0 && limit === 0 ? "within" : "over";
  return percent(used + held, limit) >= Math.min(...thresholds, 100) ? "near" : "within";
}

/** How far a budget is used, and how much of it is held. Says in words what its colour means. */
export function Gauge({ level, name }: { level: Level; name: string }) {
  const standing = standingOf(level);
  const used = percent(level.used, level.limit);
  const full = `${name}: ${exactAmount(level.used, level.unit)} used and ${exactAmount(level.held, level.unit)} held of ${exactAmount(level.limit, level.unit)}`;
  return (
    <div title={full}>
      <Progress.Root
        size="md"
        role="meter"
        aria-label={full}
        aria-valuenow={Math.min(used, 100)}
        aria-valuemin={0}
        aria-valuemax={100}
      >
        <Progress.Section value={Math.min(used, 100)} color={COLOURS[standing]} withAria={false} />
        <Progress.Section
          value={Math.min(percent(level.held, level.limit), Math.max(0, 100 - used))}
          color="gray.5"
          striped
          withAria={false}
        />
      </Progress.Root>
      <Group justify="space-between" gap="xs" mt={2}>
        <Text size="xs">
          {amount(level.used, level.unit)} of {amount(level.limit, level.unit)}
        </Text>
        <Text size="xs" c="dimmed">
          {used}% · {WORDS[standing]}
        </Text>
      </Group>
    </div>
  );
}
