import { Tabs } from "@mantine/core";
import { Suspense } from "react";
import { oneOf, useView, viewOf } from "@/lib/view";
import { Page } from "@/ui/Page";
import { Waiting } from "@/ui/states";
import { Clients } from "./Clients";
import { HowToCall } from "./HowToCall";
import { Keys } from "./Keys";

const TABS = ["keys", "clients"] as const;
const developerView = viewOf({ tab: oneOf(TABS) });

export default function DeveloperPage() {
  const [{ tab }, change] = useView(developerView);
  return (
    <Page title="Developer" about="Credentials for programs, and how they call the API.">
      <Tabs
        value={tab}
        onChange={(chosen) => change({ tab: TABS.find((name) => name === chosen) })}
        keepMounted={false}
      >
        <Tabs.List mb="md" aria-label="Kinds of credentials">
          <Tabs.Tab value="keys">API keys</Tabs.Tab>
          <Tabs.Tab value="clients">OAuth clients</Tabs.Tab>
        </Tabs.List>
        <Suspense fallback={<Waiting />}>
          <Tabs.Panel value="keys">
            <Keys />
          </Tabs.Panel>
          <Tabs.Panel value="clients">
            <Clients />
          </Tabs.Panel>
        </Suspense>
      </Tabs>
      <HowToCall />
    </Page>
  );
}
