import { Badge } from "@mantine/core";

type Props = { color: string; title?: string; children: string };

/** Where something stands: a word, and a dot of colour beside it. */
export function Standing({ color, title, children }: Props) {
  return (
    <Badge
      variant="dot"
      color={color}
      tt="none"
      miw="max-content"
      fw={500}
      size="md"
      title={title}
      style={{ overflow: "visible" }}
    >
      {children}
    </Badge>
  );
}
