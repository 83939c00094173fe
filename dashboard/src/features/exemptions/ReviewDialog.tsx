import { Alert, Button, Group, Modal, Stack, Text, Textarea } from "@mantine/core";
import { useState } from "react";
import { reasonOf } from "@/api/act";
import { amount } from "@/lib/format";
import { When } from "@/ui/Figure";
import { type Exemption, useReview, type Verdict } from "./queries";

export type Review = { of: Exemption; verdict: Verdict };

/** Deciding one request. Always there, so that the focus comes back to the button that opened it. */
export function ReviewDialog({ review, onClose }: { review: Review | null; onClose: () => void }) {
  const title = review?.verdict === "deny" ? "Deny this request" : "Approve this request";
  return (
    <Modal opened={review !== null} onClose={onClose} title={title}>
      {review && <ReviewForm exemption={review.of} verdict={review.verdict} onClose={onClose} />}
    </Modal>
  );
}

type Props = { exemption: Exemption; verdict: Verdict; onClose: () => void };

/** With a note that the requester reads. */
function ReviewForm({ exemption, verdict, onClose }: Props) {
  const [notes, setNotes] = useState("");
  const review = useReview(exemption.id, verdict);
  const approve = verdict === "approve";
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        review.mutate(notes, { onSuccess: onClose });
      }}
    >
      <Stack>
        <Text size="sm">
          {approve ? (
            <>
              {exemption.user_email} gets {amount(exemption.tokens, "tokens")} more at once, above whatever
              cap blocks them. What is not used ends with the period, <When at={exemption.ends_at} />.
            </>
          ) : (
            <>The budget of {exemption.user_email} stays as it is. A word on why helps.</>
          )}
        </Text>
        <Text size="sm" c="dimmed" className="names" dir="auto">
          “{exemption.reason}”
        </Text>
        <Textarea
          label="Notes"
          description={`${exemption.requested_by_email} can read them.`}
          autosize
          minRows={2}
          maxRows={8}
          maxLength={2000}
          dir="auto"
          data-autofocus
          value={notes}
          onChange={(event) => setNotes(event.currentTarget.value)}
        />
        {review.isError && (
          <Alert color="red" variant="light" role="alert">
            {reasonOf(review.error)}
          </Alert>
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Cancel
          </Button>
          <Button type="submit" color={approve ? undefined : "red"} loading={review.isPending}>
            {approve ? "Approve" : "Deny"}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
