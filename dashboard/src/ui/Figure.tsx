import { Text } from "@mantine/core";
import { amount, compact, exact, exactAmount, instant, relative, type Unit } from "@/lib/format";

/** A short text, the whole of it on hover. */
export function Exactly({ short, full }: { short: string; full: string }) {
  return short === full ? <span>{short}</span> : <span title={full}>{short}</span>;
}

/** 1.24 M, exact on hover. */
export function Tokens({ count }: { count: number }) {
  return <Exactly short={compact(count)} full={`${exact(count)} tokens`} />;
}

/** A budget's amount in its unit, exact on hover. */
export function Amount({ value, unit }: { value: number; unit: Unit }) {
  return <Exactly short={amount(value, unit)} full={exactAmount(value, unit)} />;
}

/** "3 hours ago", the instant on hover. Nothing: what `never` says. */
export function When({ at, never = "never" }: { at: string | null | undefined; never?: string }) {
  if (!at)
    return (
      <Text span inherit c="dimmed">
        {never}
      </Text>
    );
  return (
    <time dateTime={at} title={instant(at)} style={{ whiteSpace: "nowrap" }}>
      {relative(at)}
    </time>
  );
}
