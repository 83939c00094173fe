import { Text } from "@mantine/core";

/** That Privacy Hours are in use on a device: all that is known of them here, and nothing to be done about it. */
export function PrivacyHours({ inUse }: { inUse: boolean }) {
  if (!inUse) return "–";
  return (
    <Text
      span
      size="sm"
      c="dimmed"
      title="Chosen on the device by its user. When they are is not known here, and nobody else can change them."
    >
      in use
    </Text>
  );
}
