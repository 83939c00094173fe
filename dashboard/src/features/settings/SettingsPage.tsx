import { Anchor } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { Page } from "@/ui/Page";
import { OrganizationForm } from "./OrganizationForm";
import { organizationQuery } from "./queries";

export default function SettingsPage() {
  const { data: organization } = useSuspenseQuery(organizationQuery);
  return (
    <Page
      title="Settings"
      about={
        <>
          What holds for the whole organisation. Your own password is under{" "}
          <Anchor component={Link} to="/account" inherit underline="always">
            Account
          </Anchor>
          .
        </>
      }
    >
      <OrganizationForm organization={organization} />
    </Page>
  );
}
