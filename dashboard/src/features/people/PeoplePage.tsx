import { Button } from "@mantine/core";
import { Suspense, useDeferredValue, useState } from "react";
import { useMay } from "@/api/session";
import { useView } from "@/lib/view";
import { Page } from "@/ui/Page";
import { Waiting } from "@/ui/states";
import { ImportPeople } from "./ImportPeople";
import { PeopleFilters } from "./PeopleFilters";
import { PeopleTable } from "./PeopleTable";
import { PersonForm } from "./PersonForm";
import { readPeopleView } from "./view";

type Dialog = "add" | "import" | null;

/** Everyone within reach. The table before stays until the next one is there. */
export default function PeoplePage() {
  const mayChange = useMay("people:write");
  const [view, change] = useView(readPeopleView);
  const shown = useDeferredValue(view);
  const [dialog, setDialog] = useState<Dialog>(null);
  const close = () => setDialog(null);
  const actions = mayChange && (
    <>
      <Button variant="default" onClick={() => setDialog("import")}>
        Import from CSV
      </Button>
      <Button onClick={() => setDialog("add")}>Add a person</Button>
    </>
  );
  const about = mayChange
    ? "Everyone in the organisation."
    : "The people of your department and those below it.";
  return (
    <Page title="People" about={about} actions={actions}>
      <PeopleFilters view={view} change={change} />
      <Suspense fallback={<Waiting />}>
        <PeopleTable view={shown} />
      </Suspense>
      {mayChange && <PersonForm person={null} opened={dialog === "add"} onClose={close} />}
      {mayChange && <ImportPeople opened={dialog === "import"} onClose={close} />}
    </Page>
  );
}
