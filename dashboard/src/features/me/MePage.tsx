import { useMay, useSession } from "@/api/session";
import { Page } from "@/ui/Page";
import { Part } from "@/ui/Part";
import { Captured, NeverCaptured } from "./Captured";
import { OwnBudgets } from "./OwnBudgets";
import { OwnDevices } from "./OwnDevices";
import { OwnExemptions } from "./OwnExemptions";
import { OwnUsage } from "./OwnUsage";

const ABOUT = "Everything your organisation can see about your use of AI, and what it cannot.";

export default function MePage() {
  const { user_id: userId } = useSession();
  const seesBudgets = useMay("budgets:read");
  const seesDevices = useMay("devices:read");
  return (
    <Page title="What is seen of you" about={ABOUT}>
      <NeverCaptured />
      <Part>
        <OwnUsage userId={userId} />
      </Part>
      {seesBudgets && (
        <Part>
          <OwnBudgets userId={userId} />
        </Part>
      )}
      {seesDevices && (
        <Part>
          <OwnDevices userId={userId} />
        </Part>
      )}
      <Part>
        <Captured />
      </Part>
      {seesBudgets && (
        <Part>
          <OwnExemptions userId={userId} />
        </Part>
      )}
    </Page>
  );
}
