import { Text } from "@mantine/core";
import { useSuspenseInfiniteQuery } from "@tanstack/react-query";
import { amount } from "@/lib/format";
import { type Column, DataTable } from "@/ui/DataTable";
import { Amount, When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Section } from "@/ui/Page";
import { Empty } from "@/ui/states";
import { type Budget, type Hold, holdsQuery } from "./queries";

/** Room that is set aside for requests under way. */
export function Holds({ budget }: { budget: Budget }) {
  const list = useSuspenseInfiniteQuery({ ...holdsQuery(budget.id), refetchInterval: 15_000 });
  const first = list.data.pages[0];
  const items = list.data.pages.flatMap((page) => page.items);
  const others = first?.others_held ?? 0;
  return (
    <Section
      title="Holds"
      about="Room set aside for requests that are not seen as usage yet. A hold ends with its usage, or by itself."
    >
      {items.length === 0 && others === 0 && <Empty title="Nothing is held just now" />}
      {items.length > 0 && (
        <DataTable
          caption="Live holds"
          columns={columnsOf(budget)}
          rows={items}
          rowKey={(hold) => `${hold.id} ${hold.period_starts_at}`}
        />
      )}
      {others > 0 && (
        <Text size="sm" c="dimmed">
          People outside your reach hold {amount(others, budget.unit)} together.
        </Text>
      )}
      {list.hasNextPage && (
        <More
          noun="holds"
          shown={items.length}
          total={first?.total_count ?? items.length}
          hasMore
          loading={list.isFetchingNextPage}
          more={() => void list.fetchNextPage()}
        />
      )}
    </Section>
  );
}

function columnsOf({ unit }: Budget): Column<Hold>[] {
  return [
    { title: "Who", cell: (hold) => hold.user_email },
    { title: "Model", cell: (hold) => `${hold.model} (${hold.provider})` },
    { title: "Held", figure: true, cell: (hold) => <Amount value={hold.amount} unit={unit} /> },
    { title: "Since", cell: (hold) => <When at={hold.created_at} /> },
    { title: "Ends by itself", cell: (hold) => <When at={hold.expires_at} /> },
  ];
}
