import { Spotlight } from "@mantine/spotlight";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import type { Session } from "@/api/session";
import { navigationOf } from "./pages";

/** Who went to a page by the keyboard goes on reading there. Once the palette has closed, which gives focus back. */
function focusContent(): void {
  setTimeout(() => document.getElementById("content")?.focus({ preventScroll: true }), 250);
}

/** Ctrl K: any page by its name. */
export function Palette({ session }: { session: Session }) {
  const navigate = useNavigate();
  const actions = navigationOf(session).map(({ path, label, group, icon: Icon }) => ({
    id: path,
    label,
    description: group,
    leftSection: Icon && <Icon size={18} stroke={1.6} />,
    onClick: () => void navigate({ to: path }).then(focusContent),
  }));
  return (
    <Spotlight
      actions={actions}
      shortcut={["mod + K", "/"]}
      nothingFound="No page by that name"
      highlightQuery
      searchProps={{ leftSection: <IconSearch size={18} />, placeholder: "Go to…", "aria-label": "Go to" }}
    />
  );
}
