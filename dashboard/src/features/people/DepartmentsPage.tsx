import { Page } from "@/ui/Page";

export default function DepartmentsPage() {
  return <Page title="Departments">{null}</Page>;
}
