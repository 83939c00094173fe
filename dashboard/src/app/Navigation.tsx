import { NavLink, Stack, Text } from "@mantine/core";
import { Link, useRouterState } from "@tanstack/react-router";
import type { Session } from "@/api/session";
import { navigationOf, type PageGroup } from "./pages";

const GROUPS: readonly PageGroup[] = ["Usage", "Rules", "Organisation", "You"];

export function Navigation({ session, onGo }: { session: Session; onGo: () => void }) {
  const path = useRouterState({ select: (state) => state.location.pathname });
  const pages = navigationOf(session);
  return (
    <Stack gap="md">
      {GROUPS.map((group) => {
        const its = pages.filter((page) => page.group === group);
        if (its.length === 0) return null;
        return (
          <div key={group}>
            <Text size="xs" c="dimmed" fw={600} px="sm" pb={4}>
              {group}
            </Text>
            {its.map(({ path: to, label, icon: Icon }) => (
              <NavLink
                key={to}
                component={Link}
                to={to}
                activeOptions={{ exact: true }}
                label={label}
                leftSection={Icon && <Icon size={18} stroke={1.6} />}
                active={path === to}
                aria-current={path === to ? "page" : undefined}
                onClick={onGo}
              />
            ))}
          </div>
        );
      })}
    </Stack>
  );
}
