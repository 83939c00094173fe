import { Page } from "@/ui/Page";

export default function DeveloperPage() {
  return <Page title="Developer">{null}</Page>;
}
