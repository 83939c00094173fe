import { Button } from "@mantine/core";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { confirm } from "@/ui/confirm";
import { type Column, DataTable } from "@/ui/DataTable";
import { When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Standing } from "@/ui/Standing";
import { Empty } from "@/ui/states";
import { type Block, blocksQuery, useLift } from "./queries";

const COLUMNS: Column<Block>[] = [
  { title: "Person", cell: ({ user_email }) => <span dir="auto">{user_email}</span> },
  {
    title: "Status",
    cell: ({ in_force, lifted_at, lifted_by_email }) =>
      in_force ? (
        <Standing color="red">in force</Standing>
      ) : (
        <Standing color="gray" title={lifted_by_email ? `by ${lifted_by_email}` : undefined}>
          {lifted_at ? "lifted" : "over"}
        </Standing>
      ),
  },
  { title: "Why", cell: ({ reason }) => <span dir="auto">{reason}</span> },
  { title: "Of", cell: ({ models }) => (models.length === 0 ? "All requests" : models.join(", ")) },
  { title: "Until", cell: ({ ends_at }) => <When at={ends_at} /> },
  { title: "Actions", figure: true, cell: (block) => <Lift block={block} /> },
];

/** Whose requests are refused. */
export function Blocks() {
  const { items, more } = useList(blocksQuery);
  if (items.length === 0)
    return (
      <Empty title="Nobody is blocked">
        A policy with the action “Block the user's requests” blocks the user whose request fired it.
      </Empty>
    );
  return (
    <>
      <DataTable caption="Blocks" columns={COLUMNS} rows={items} rowKey={({ id }) => id} minWidth={820} />
      <More {...more} noun="blocks" />
    </>
  );
}

function Lift({ block }: { block: Block }) {
  const lift = useLift();
  if (!useMay("budgets:write") || !block.in_force) return null;
  const ask = () =>
    confirm({
      title: `Lift the block of ${block.user_email}?`,
      children: "Their requests pass again, at once. The policy does not block them again in this window.",
      action: "Lift",
      onConfirm: () => lift.mutate(block.id),
    });
  return (
    <Button
      size="compact-sm"
      variant="default"
      loading={lift.isPending}
      onClick={ask}
      aria-label={`Lift the block of ${block.user_email}`}
    >
      Lift
    </Button>
  );
}
