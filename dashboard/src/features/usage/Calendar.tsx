import { Text } from "@mantine/core";
import { DatePicker } from "@mantine/dates";
import dayjs from "dayjs";
import { useState } from "react";

type Props = {
  start: string | undefined;
  end: string | undefined;
  onPick: (start: string, end: string) => void;
};

const isoDayOf = (at: dayjs.Dayjs) => at.format("YYYY-MM-DD");

/** Two days, one after the other; done when both are there. */
export default function Calendar({ start, end, onPick }: Props) {
  const [chosen, setChosen] = useState<[string | null, string | null]>([start ?? null, end ?? null]);
  const choose = ([first, last]: [string | null, string | null]) => {
    setChosen([first, last]);
    if (first && last) onPick(first, last);
  };
  return (
    <>
      <DatePicker
        type="range"
        allowSingleDateInRange
        weekendDays={[]}
        value={chosen}
        onChange={choose}
        minDate={isoDayOf(dayjs().subtract(799, "day"))}
        maxDate={isoDayOf(dayjs())}
        defaultDate={end ?? isoDayOf(dayjs())}
        ariaLabels={{ previousMonth: "Previous month", nextMonth: "Next month" }}
      />
      <Text size="xs" c="dimmed" mt="xs" aria-live="polite">
        {chosen[0] && !chosen[1] ? "Now the last day." : "Choose the first day, then the last."}
      </Text>
    </>
  );
}
