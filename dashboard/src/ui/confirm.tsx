import { Text } from "@mantine/core";
import { modals } from "@mantine/modals";
import type { ReactNode } from "react";

type Question = {
  title: string;
  /** What will happen, and whether it can be undone. */
  children: ReactNode;
  /** The verb of the button, such as "Revoke". */
  action: string;
  /** For what takes something away. */
  danger?: boolean;
  onConfirm: () => void;
};

/** Asks before something happens that others will notice. Enter does not confirm what takes something away. */
export function confirm({ title, children, action, danger = false, onConfirm }: Question): void {
  modals.openConfirmModal({
    title,
    children: (
      <Text size="sm" component="div" className="names">
        {children}
      </Text>
    ),
    labels: { confirm: action, cancel: "Cancel" },
    confirmProps: danger ? { color: "red" } : {},
    cancelProps: danger ? { "data-autofocus": true } : {},
    onConfirm,
  });
}
