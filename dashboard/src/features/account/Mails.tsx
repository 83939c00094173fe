import { Stack, Switch } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { mailsQuery, useChooseMails } from "@/features/telling/queries";
import { Section } from "@/ui/Page";

/** Which mails one gets. Who is blocked by a policy is told in any case. */
export function Mails() {
  const { data: wanted } = useSuspenseQuery(mailsQuery);
  const choose = useChooseMails();
  return (
    <Section title="E-mail" about="Each mail has a link that ends its kind, too.">
      <Stack gap="sm">
        <Switch
          label="Alerts that you can act on"
          checked={wanted.alert_mails}
          disabled={choose.isPending}
          onChange={({ target }) => choose.mutate({ ...wanted, alert_mails: target.checked })}
        />
        <Switch
          label="Policies that fire for you or your people"
          description="If one blocks you, you are told in any case."
          checked={wanted.policy_mails}
          disabled={choose.isPending}
          onChange={({ target }) => choose.mutate({ ...wanted, policy_mails: target.checked })}
        />
      </Stack>
    </Section>
  );
}
