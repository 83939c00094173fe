import { useMay, useSession } from "@/api/session";
import { Page } from "@/ui/Page";
import { Part } from "@/ui/Part";
import { Activity } from "./Activity";
import { LastDays } from "./LastDays";
import { NearLimits } from "./NearLimits";
import { Tiles, TilesWaiting } from "./Tiles";

const ABOUT = {
  member: "Your own usage and devices, in the last 30 days.",
  manager: "Your department and those below it, in the last 30 days.",
};

export default function OverviewPage() {
  const { role } = useSession();
  const about = role === "member" || role === "manager" ? ABOUT[role] : "The last 30 days.";
  const seesBudgets = useMay("budgets:read");
  return (
    <Page title={role === "member" ? "Your overview" : "Overview"} about={about}>
      <Part waiting={<TilesWaiting />}>
        <Tiles />
      </Part>
      <Part>
        <LastDays />
      </Part>
      {seesBudgets && (
        <Part>
          <NearLimits />
        </Part>
      )}
      <Part>
        <Activity />
      </Part>
    </Page>
  );
}
