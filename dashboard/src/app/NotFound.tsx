import { Anchor, Text } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { Link } from "@tanstack/react-router";
import { Notice } from "@/ui/states";

export function NotFound() {
  useDocumentTitle("Not found · Toktra");
  return (
    <Notice title="There is no such page">
      <Text c="dimmed">The address may be mistyped, or the page is not there for your role.</Text>
      <Anchor component={Link} to="/">
        Go to the overview
      </Anchor>
    </Notice>
  );
}
