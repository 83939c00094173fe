import { Tabs } from "@mantine/core";
import { Suspense } from "react";
import { useMay } from "@/api/session";
import { useView } from "@/lib/view";
import { Page } from "@/ui/Page";
import { Waiting } from "@/ui/states";
import { DeviceList } from "./DeviceList";
import { EnrollmentTokens } from "./EnrollmentTokens";
import { readDevicesView } from "./view";

export default function DevicesPage() {
  const maySeeTokens = useMay("devices:write");
  const [{ tab }, change] = useView(readDevicesView);
  const about = "What sends usage, each device for one person.";
  if (!maySeeTokens)
    return (
      <Page title="Devices" about={about}>
        <DeviceList />
      </Page>
    );
  return (
    <Page title="Devices" about={about}>
      <Tabs
        value={tab}
        onChange={(chosen) => change({ tab: chosen === "tokens" ? "tokens" : "devices" })}
        keepMounted={false}
      >
        <Tabs.List mb="md">
          <Tabs.Tab value="devices">Devices</Tabs.Tab>
          <Tabs.Tab value="tokens">Enrolment tokens</Tabs.Tab>
        </Tabs.List>
        <Tabs.Panel value="devices">
          <DeviceList />
        </Tabs.Panel>
        <Tabs.Panel value="tokens">
          <Suspense fallback={<Waiting />}>
            <EnrollmentTokens />
          </Suspense>
        </Tabs.Panel>
      </Tabs>
    </Page>
  );
}
