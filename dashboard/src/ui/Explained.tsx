import { Tooltip, UnstyledButton } from "@mantine/core";
import type { ReactNode } from "react";

type Props = { why: ReactNode; children: ReactNode };

/** Something that explains itself on hover, on focus and on touch. */
export function Explained({ why, children }: Props) {
  return (
    <Tooltip label={why} multiline w={300} events={{ hover: true, focus: true, touch: true }}>
      <UnstyledButton type="button" className="explained">
        {children}
      </UnstyledButton>
    </Tooltip>
  );
}
