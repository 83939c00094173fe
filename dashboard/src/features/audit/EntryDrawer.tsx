import { Drawer, Stack, Text } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Suspense } from "react";
import { Empty, Waiting } from "@/ui/states";
import { EntryDetail } from "./EntryDetail";
import { entryQuery } from "./queries";
import { entryKey } from "./view";
import type { Entry } from "./words";

type Props = { shown: string | undefined; entries: readonly Entry[]; onClose: () => void };

/** One entry, whole. The page's address names it, so that it can be linked to. */
export function EntryDrawer({ shown, entries, onClose }: Props) {
  const listed = entries.find((entry) => entryKey(entry) === shown);
  return (
    <Drawer
      opened={shown !== undefined}
      onClose={onClose}
      position="right"
      size="lg"
      title={<Text fw={600}>Entry {shown?.split("@")[0]}</Text>}
      closeButtonProps={{ "aria-label": "Close" }}
    >
      <Suspense fallback={<Waiting />}>
        {listed ? <EntryDetail entry={listed} /> : shown !== undefined && <Elsewhere entryKey={shown} />}
      </Suspense>
    </Drawer>
  );
}

/** An entry that is not among those on the page. */
function Elsewhere({ entryKey: key }: { entryKey: string }) {
  const { data: entry } = useSuspenseQuery(entryQuery(key));
  return entry ? (
    <EntryDetail entry={entry} />
  ) : (
    <Stack>
      <Empty title="There is no such entry">The link to it may not be whole.</Empty>
    </Stack>
  );
}
