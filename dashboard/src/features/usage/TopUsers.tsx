import { Anchor, Group, Paper, Progress, Text } from "@mantine/core";
import type { Schemas } from "@/api/client";
import { percent } from "@/lib/format";
import { CsvButton } from "@/ui/CsvButton";
import { type Column, DataTable } from "@/ui/DataTable";
import { Section } from "@/ui/Page";
import { Empty } from "@/ui/states";
import { COUNTED } from "./charts/columns";

type User = Schemas["TopUser"];
type Props = { users: readonly User[]; name: string; onPick: (userId: string) => void };

function columns(onPick: Props["onPick"]): Column<User>[] {
  return [
    { title: "#", cell: (row) => row.rank, csv: (row) => row.rank },
    { title: "User", cell: (row) => <Who user={row} onPick={onPick} />, csv: (row) => row.user_email },
    ...COUNTED,
    {
      title: "Of the highest",
      cell: (row) => <Share share={row.share_of_highest} />,
      csv: (row) => row.share_of_highest,
    },
  ];
}

/** Who used most, each relative to the first. */
export function TopUsers({ users, name, onPick }: Props) {
  const all = columns(onPick);
  return (
    <Section title="Top users by token volume" actions={<CsvButton name={name} columns={all} rows={users} />}>
      <Paper withBorder p="md">
        {users.length === 0 ? (
          <Empty title="Nobody used anything in these days" />
        ) : (
          <DataTable
            caption="Top users by token volume"
            columns={all}
            rows={users}
            rowKey={(row) => row.user_id}
            minWidth={820}
          />
        )}
      </Paper>
    </Section>
  );
}

function Who({ user, onPick }: { user: User; onPick: Props["onPick"] }) {
  return (
    <>
      <Anchor
        component="button"
        type="button"
        ta="start"
        dir="auto"
        className="clip"
        title={user.user_name}
        onClick={() => onPick(user.user_id)}
      >
        {user.user_name}
      </Anchor>
      <Text size="xs" c="dimmed" className="clip" title={user.user_email}>
        {user.user_email}
      </Text>
    </>
  );
}

function Share({ share }: { share: number }) {
  const said = percent(share, 1);
  return (
    <Group gap="xs" wrap="nowrap" miw={120}>
      <Progress value={said} color="accent" style={{ flex: 1 }} aria-label={`${said}% of the highest`} />
      <Text size="xs" c="dimmed" w={36} ta="right">
        {said}%
      </Text>
    </Group>
  );
}
