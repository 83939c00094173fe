import { Button, Code, Group, Stack, Text } from "@mantine/core";
import { FormError } from "@/ui/FormError";
import { ReadyToCopy } from "@/ui/ReadyToCopy";
import { extensionLink } from "./enrolling";
import { useGiveCode } from "./queries";

type Props = { tokenId: string; email: string | null };

/** A code that can be read out and typed, in the token's place, for one device within a quarter of an hour. */
export function ShortCode({ tokenId, email }: Props) {
  const give = useGiveCode();
  if (!give.data)
    return (
      <Group justify="space-between" wrap="nowrap">
        <Text size="sm">To read it out, or to send it as a short link:</Text>
        <Button variant="default" size="xs" loading={give.isPending} onClick={() => give.mutate(tokenId)}>
          Make a short code
        </Button>
        <FormError>{give.error?.message}</FormError>
      </Group>
    );
  const { code } = give.data;
  return (
    <Stack gap={4}>
      <Text size="sm">
        Short code, for one device in the next 15 minutes:{" "}
        <Code fz="md" data-testid="code">
          {code}
        </Code>
      </Text>
      <ReadyToCopy
        title="The same as a link, into the first field of the extension's settings:"
        action="Copy the short link"
        text={extensionLink(window.location.origin, email, { code })}
      />
    </Stack>
  );
}
