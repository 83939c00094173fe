import { Checkbox, Input, SimpleGrid, Stack, Text } from "@mantine/core";
import { useId } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useSession } from "@/api/session";
import { offered } from "./scopes";

type Props = { value?: string[]; onChange: (scopes: string[]) => void; error?: ReactNode };

/** The scopes that someone may hand on, by what they are about. */
export function ScopeChoice({ value = [], onChange, error }: Props) {
  const { scopes } = useSession();
  return (
    <Checkbox.Group
      label="What it may do"
      description="As little as it needs. It never does more than you may yourself."
      value={value}
      onChange={onChange}
      error={error}
      withAsterisk
    >
      <SimpleGrid cols={{ base: 1, sm: 2 }} mt="xs" mb="xs" spacing="md">
        {offered(scopes).map((group) => (
          <ScopeGroup key={group.title} {...group} />
        ))}
      </SimpleGrid>
    </Checkbox.Group>
  );
}

function ScopeGroup({ title, scopes }: ReturnType<typeof offered>[number]) {
  const id = useId();
  return (
    <Stack gap={6} role="group" aria-labelledby={id}>
      <Input.Label id={id} labelElement="div">
        {title}
      </Input.Label>
      {scopes.map(({ scope, sentence }) => (
        <Checkbox
          key={scope}
          value={scope}
          size="xs"
          label={sentence}
          description={
            <Text span inherit ff="monospace">
              {scope}
            </Text>
          }
        />
      ))}
    </Stack>
  );
}
