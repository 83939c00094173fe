import { Button, Group, Popover } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconCalendar } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { type Days, type Range, rangeWords } from "@/lib/range";
import { Waiting } from "@/ui/states";

const Calendar = lazy(() => import("./Calendar"));
const ORDER: readonly Days[] = [7, 30, 90];

type Props = { range: Range; onChange: (range: Range) => void };

/** The last 7, 30 or 90 days, or any range. The calendar comes when it is opened. */
export function RangePicker({ range, onChange }: Props) {
  const [opened, { toggle, close }] = useDisclosure();
  const { days, start, end } = range;
  const custom = start !== undefined && end !== undefined;
  const pick = (first: string, last: string) => {
    close();
    onChange({ days, start: first, end: last });
  };
  return (
    <Group gap="xs" role="group" aria-label="Time range">
      <Button.Group>
        {ORDER.map((one) => (
          <Button
            key={one}
            size="xs"
            variant={!custom && one === days ? "filled" : "default"}
            aria-pressed={!custom && one === days}
            aria-label={`${one}d: the last ${one} days`}
            onClick={() => onChange({ days: one, start: undefined, end: undefined })}
          >
            {one}d
          </Button>
        ))}
      </Button.Group>
      <Popover
        opened={opened}
        onChange={(open) => !open && close()}
        position="bottom-end"
        trapFocus
        returnFocus
      >
        <Popover.Target>
          <Button
            size="xs"
            variant={custom ? "filled" : "default"}
            aria-pressed={custom}
            leftSection={<IconCalendar size={14} />}
            onClick={toggle}
          >
            {custom ? rangeWords(start, end) : "Custom"}
          </Button>
        </Popover.Target>
        <Popover.Dropdown aria-label="Custom range">
          <Suspense fallback={<Waiting />}>
            <Calendar start={start} end={end} onPick={pick} />
          </Suspense>
        </Popover.Dropdown>
      </Popover>
    </Group>
  );
}
