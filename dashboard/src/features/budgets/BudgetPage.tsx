import { Page } from "@/ui/Page";

export default function BudgetPage() {
  return <Page title="Budget">{null}</Page>;
}
