import { useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useSession } from "@/api/session";
import type { Raw } from "@/lib/view";
import { Page } from "@/ui/Page";
import { Asked } from "./Asked";
import { AskForm } from "./AskForm";
import { forSomeoneElse, readLink, startOf } from "./asking";
import type { Exemption } from "./queries";

/** Where a blocked request's message leads. */
export default function NewExemptionPage() {
  const link = useSearch({ strict: false }) as Raw;
  const session = useSession();
  const [asked, setAsked] = useState<Exemption | null>(null);
  const forOthers = session.role !== "member";
  return (
    <Page
      title="Ask for an exemption"
      about="Extra tokens for one person, until the end of a period. They give room above whatever cap blocks, and take none from anyone else."
    >
      {asked ? (
        <Asked exemption={asked} onAgain={() => setAsked(null)} />
      ) : (
        <AskForm
          start={startOf(link, session.user_id, forOthers)}
          forOthers={forOthers}
          budgetId={readLink(link).budget_id}
          notForYou={forSomeoneElse(link, session.user_id, forOthers)}
          onAsked={setAsked}
        />
      )}
    </Page>
  );
}
