import { useSearch } from "@tanstack/react-router";
import { useDeferredValue } from "react";
import { useSession } from "@/api/session";
import { useView } from "@/lib/view";
import { Page } from "@/ui/Page";
import { Part } from "@/ui/Part";
import { Filters } from "./Filters";
import { RangePicker } from "./RangePicker";
import { Results } from "./Results";
import { NO_FILTERS, readUsage } from "./view";

const TITLES = { member: "Your usage", manager: "Usage of your departments" };

export default function UsagePage() {
  const { role } = useSession();
  const [asked, change] = useView(readUsage);
  const search = useSearch({ strict: false });
  // The figures before stay until the new ones are there.
  const shown = useDeferredValue(search);
  const stale = shown !== search;
  return (
    <Page
      title={role === "member" || role === "manager" ? TITLES[role] : "Usage"}
      actions={<RangePicker range={asked} onChange={change} />}
    >
      <Filters asked={asked} onChange={change} />
      <div aria-busy={stale} style={{ opacity: stale ? 0.5 : 1, transition: "opacity 150ms" }}>
        <Part of={JSON.stringify(shown)}>
          <Results
            asked={readUsage(shown)}
            onClear={() => change(NO_FILTERS)}
            onPickUser={(user) => change({ user })}
          />
        </Part>
      </div>
    </Page>
  );
}
