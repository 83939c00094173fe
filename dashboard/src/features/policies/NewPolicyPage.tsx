import { Button } from "@mantine/core";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { fieldErrors } from "@/api/act";
import { Page } from "@/ui/Page";
import { Editor } from "./PolicyPage";
import { useCreatePolicy } from "./queries";
import { isWhole, NEW } from "./words";

/** A policy that is being written: kept as a draft, tried while it is written. */
export default function NewPolicyPage() {
  const [draft, setDraft] = useState(NEW);
  const create = useCreatePolicy();
  const navigate = useNavigate();
  return (
    <Page title="New policy" about="It is kept as a draft, and does nothing until it is published.">
      <Editor
        draft={draft}
        onChange={setDraft}
        errors={create.error ? fieldErrors(create.error) : {}}
        actions={
          <Button
            loading={create.isPending}
            disabled={!isWhole(draft) || draft.name.trim() === ""}
            onClick={() =>
              create.mutate(draft, {
                onSuccess: ({ id }) => void navigate({ to: `/policies/${id}` }),
              })
            }
          >
            Keep the draft
          </Button>
        }
      />
    </Page>
  );
}
