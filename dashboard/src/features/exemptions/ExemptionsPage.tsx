import { Page } from "@/ui/Page";

export default function ExemptionsPage() {
  return <Page title="Exemptions">{null}</Page>;
}
