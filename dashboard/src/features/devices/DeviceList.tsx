import { Button, Group, Pill, Stack } from "@mantine/core";
import { Suspense, useDeferredValue } from "react";
import { useList } from "@/api/pages";
import { useMay, useSession } from "@/api/session";
import { useView } from "@/lib/view";
import { Choice } from "@/ui/Choice";
import { CsvButton } from "@/ui/CsvButton";
import { confirm } from "@/ui/confirm";
import { DataTable } from "@/ui/DataTable";
import { More } from "@/ui/More";
import { SearchBox } from "@/ui/SearchBox";
import { Empty, Waiting } from "@/ui/states";
import { actionsColumn, deviceColumns } from "./columns";
import { type Device, devicesQuery, useRevokeDevice } from "./queries";
import { DEVICE_STATUSES } from "./standing";
import { type DevicesView, readDevicesView } from "./view";

/** The devices within reach, filtered. The table before stays until the next one is there. */
export function DeviceList() {
  const [view, change] = useView(readDevicesView);
  const shown = useDeferredValue(view);
  return (
    <Stack gap="sm">
      <Group gap="xs" role="search" aria-label="Filter devices">
        <SearchBox
          label="Search host names"
          value={view.q}
          onSearch={(q) => change({ q }, { replace: true })}
        />
        <Choice
          label="Status"
          any="Any status"
          choices={DEVICE_STATUSES}
          value={view.status}
          onChoose={(status) => change({ status })}
        />
        {view.user && (
          <Pill
            withRemoveButton
            size="md"
            onRemove={() => change({ user: undefined })}
            removeButtonProps={{ "aria-label": "Show everyone's devices", "aria-hidden": false, tabIndex: 0 }}
          >
            One person's devices
          </Pill>
        )}
      </Group>
      <Suspense fallback={<Waiting />}>
        <Devices view={shown} />
      </Suspense>
    </Stack>
  );
}

function Devices({ view }: { view: DevicesView }) {
  const own = useSession().role === "member";
  const mayRevoke = useMay("devices:write");
  const { items, more } = useList(devicesQuery(view));
  const columns = deviceColumns({ people: !own });
  if (items.length === 0) return <NoDevices filtered={Boolean(view.q || view.status || view.user)} />;
  return (
    <>
      <Group justify="flex-end">
        <CsvButton name="devices" columns={columns} rows={items} />
      </Group>
      <DataTable
        caption="Devices"
        columns={
          mayRevoke ? [...columns, actionsColumn<Device>((device) => <Revoke device={device} />)] : columns
        }
        rows={items}
        rowKey={(device) => device.id}
        minWidth={own ? 720 : 960}
      />
      <More noun="devices" {...more} />
    </>
  );
}

function NoDevices({ filtered }: { filtered: boolean }) {
  const mayEnrol = useMay("devices:write");
  if (filtered) return <Empty title="No device like this">Change or clear the filters above.</Empty>;
  return (
    <Empty title="No devices yet">
      {mayEnrol
        ? "Make an enrolment token and give it to those who set up devices. They are here once they have enrolled."
        : "Your device is here once it has enrolled. An admin of your organisation can give you an enrolment token."}
    </Empty>
  );
}

function Revoke({ device }: { device: Device }) {
  const revoke = useRevokeDevice();
  if (device.status === "revoked") return null;
  const ask = () =>
    confirm({
      title: device.status === "pending" ? "Give up this place?" : `Revoke ${device.hostname}?`,
      children: `Its certificates and tokens stop working at once, and it sends no more usage for ${device.user_email}. What it sent stays. This cannot be undone: to come back it enrols as a new device.`,
      action: "Revoke",
      danger: true,
      onConfirm: () => revoke.mutate(device.id),
    });
  return (
    <Button
      size="compact-xs"
      variant="subtle"
      color="red"
      loading={revoke.isPending}
      onClick={ask}
      aria-label={`Revoke ${device.hostname || "reserved device"} of ${device.user_email}`}
    >
      Revoke
    </Button>
  );
}
