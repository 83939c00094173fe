import { Page } from "@/ui/Page";

export default function OneBudgetPage() {
  return <Page title="Budget">{null}</Page>;
}
