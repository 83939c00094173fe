import { Badge, Button, Paper, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import type { Schemas } from "@/api/client";
import { useList } from "@/api/pages";
import { useMay } from "@/api/session";
import { type Column, DataTable } from "@/ui/DataTable";
import { Tokens, When } from "@/ui/Figure";
import { More } from "@/ui/More";
import { Section } from "@/ui/Page";
import { Empty } from "@/ui/states";
import { exemptionsOfQuery } from "./queries";

type Exemption = Schemas["ExemptionAnswer"];

const COLOURS: Record<Exemption["status"], string> = {
  pending: "accent",
  approved: "teal",
  denied: "red",
  expired: "gray",
};

const COLUMNS: Column<Exemption>[] = [
  { title: "Asked", cell: (row) => <When at={row.created_at} /> },
  {
    title: "Reason",
    cell: (row) => (
      <Text size="sm" className="clip" dir="auto" title={row.reason}>
        {row.reason}
      </Text>
    ),
  },
  { title: "Tokens", figure: true, cell: (row) => <Tokens count={row.tokens} /> },
  { title: "Used", figure: true, cell: (row) => <Tokens count={row.used_tokens} /> },
  { title: "Until", cell: (row) => <When at={row.ends_at} /> },
  {
    title: "Status",
    cell: (row) => (
      <Badge variant="light" color={COLOURS[row.status]} tt="none" title={row.notes ?? undefined}>
        {row.status}
      </Badge>
    ),
  },
];

/** What someone has asked to use beyond their budgets. */
export function OwnExemptions({ userId }: { userId: string }) {
  const { items, more } = useList(exemptionsOfQuery(userId));
  const mayAsk = useMay("exemptions:ask");
  const ask = mayAsk && (
    <Button component={Link} to="/budget/exemptions/new" size="compact-sm" variant="default">
      Ask for an exemption
    </Button>
  );
  return (
    <Section title="Your requests for an exemption" actions={ask}>
      <Paper withBorder p="md">
        {items.length === 0 ? (
          <Empty title="You have asked for none">
            If a budget stops you, you can ask for extra tokens for the present period.
          </Empty>
        ) : (
          <>
            <DataTable
              caption="Your requests for an exemption"
              columns={COLUMNS}
              rows={items}
              rowKey={(row) => row.id}
              minWidth={640}
            />
            {more.hasMore && <More {...more} noun="requests" />}
          </>
        )}
      </Paper>
    </Section>
  );
}
