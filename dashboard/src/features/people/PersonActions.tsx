import { ActionIcon, Group, Menu } from "@mantine/core";
import {
  IconDeviceLaptop,
  IconDots,
  IconPencil,
  IconSend,
  IconUserCheck,
  IconUserOff,
} from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useRef } from "react";
import { useSession } from "@/api/session";
import { searchFor } from "@/lib/view";
import { confirm } from "@/ui/confirm";
import type { Invited } from "./PeopleTable";
import { type Person, useChangePerson, useInvite } from "./queries";
import { mayChange } from "./roles";

type Props = {
  person: Person;
  onChange: (person: Person) => void;
  onInvited: (invited: Invited) => void;
};

/** What can be done with one person. */
export function PersonActions({ person, onChange, onInvited }: Props) {
  const session = useSession();
  const invite = useInvite();
  const askToSuspend = useSuspending(person);
  const changeable = mayChange(session, person);
  const target = useRef<HTMLButtonElement>(null);
  // The menu's item is gone by the time a dialog closes: its focus goes back to the button.
  const fromMenu = (act: () => void) => () => {
    target.current?.focus();
    act();
  };
  const send = () =>
    invite.mutate(person.id, {
      onSuccess: ({ url, expires_at }) => onInvited({ person, url, ends: expires_at }),
    });
  return (
    <Group gap={4} justify="flex-end" wrap="nowrap">
      {changeable && (
        <ActionIcon
          variant="subtle"
          aria-label={`Change ${person.name}`}
          title="Change"
          onClick={() => onChange(person)}
        >
          <IconPencil size={16} />
        </ActionIcon>
      )}
      <Menu position="bottom-end" returnFocus>
        <Menu.Target>
          <ActionIcon ref={target} variant="subtle" aria-label={`More for ${person.name}`}>
            <IconDots size={16} />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {changeable && person.status === "active" && (
            <Menu.Item leftSection={<IconSend size={14} />} onClick={fromMenu(send)}>
              Make an invitation
            </Menu.Item>
          )}
          <Menu.Item
            leftSection={<IconDeviceLaptop size={14} />}
            component={Link}
            to="/devices"
            search={searchFor({ user: person.id })}
          >
            Their devices
          </Menu.Item>
          {changeable && person.id !== session.user_id && (
            <Menu.Item
              leftSection={
                person.status === "active" ? <IconUserOff size={14} /> : <IconUserCheck size={14} />
              }
              color={person.status === "active" ? "red" : undefined}
              onClick={fromMenu(askToSuspend)}
            >
              {person.status === "active" ? "Suspend…" : "Reactivate…"}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </Group>
  );
}

/** Asks, then suspends someone active or reactivates someone suspended. */
function useSuspending(person: Person) {
  const change = useChangePerson();
  const suspend = () =>
    confirm({
      title: `Suspend ${person.name}?`,
      children:
        "They cannot sign in any more. Their open sign-ins, API keys, OAuth clients and devices stop working within 5 seconds. Their past usage stays. You can reactivate them at any time.",
      action: "Suspend",
      danger: true,
      onConfirm: () => change.mutate({ id: person.id, changes: { status: "suspended" } }),
    });
  const reactivate = () =>
    confirm({
      title: `Reactivate ${person.name}?`,
      children: "They can sign in again, and what was theirs before and was not revoked works again.",
      action: "Reactivate",
      onConfirm: () => change.mutate({ id: person.id, changes: { status: "active" } }),
    });
  return person.status === "active" ? suspend : reactivate;
}
