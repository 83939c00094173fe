import { Page } from "@/ui/Page";

export default function NewExemptionPage() {
  return <Page title="Ask for an exemption">{null}</Page>;
}
