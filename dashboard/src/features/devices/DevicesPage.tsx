import { Page } from "@/ui/Page";

export default function DevicesPage() {
  return <Page title="Devices">{null}</Page>;
}
