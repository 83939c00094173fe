import { Page } from "@/ui/Page";

export default function MePage() {
  return <Page title="What is seen of you">{null}</Page>;
}
