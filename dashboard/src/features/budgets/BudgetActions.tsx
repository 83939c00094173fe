import { Button, Drawer, Group, Modal, Stack, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { useNavigate } from "@tanstack/react-router";
import { BudgetForm } from "./BudgetForm";
import { changeBody, valuesOf } from "./form";
import { type Budget, useArchiveBudget, useChangeBudget } from "./queries";

/** Changing and archiving, for those who may. */
export function BudgetActions({ budget }: { budget: Budget }) {
  const [changing, change] = useDisclosure();
  const [archiving, archive] = useDisclosure();
  return (
    <>
      <Button variant="default" onClick={archive.open}>
        Archive
      </Button>
      <Button onClick={change.open}>Change</Button>
      <ChangeDrawer budget={budget} opened={changing} onClose={change.close} />
      <ArchiveDialog budget={budget} opened={archiving} onClose={archive.close} />
    </>
  );
}

type Props = { budget: Budget; opened: boolean; onClose: () => void };

function ChangeDrawer({ budget, opened, onClose }: Props) {
  const change = useChangeBudget(budget.id);
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="lg" title="Change this budget">
      <BudgetForm
        start={valuesOf(budget)}
        budget={budget}
        submit="Save"
        onSubmit={async (values) => {
          await change.mutateAsync(changeBody(values, budget.unit));
          onClose();
        }}
        onCancel={onClose}
      />
    </Drawer>
  );
}

function ArchiveDialog({ budget, opened, onClose }: Props) {
  const navigate = useNavigate();
  const archive = useArchiveBudget(budget);
  const leave = () => {
    onClose();
    void navigate({ to: "/budget" });
  };
  return (
    <Modal opened={opened} onClose={onClose} title="Archive this budget?">
      <Stack>
        <Text size="sm" className="names">
          The {budget.period} budget of <b dir="auto">{budget.name}</b> neither counts nor blocks any more
          from that moment on. Its history stays under “Archived”. It cannot be brought back; make another
          instead.
        </Text>
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose} data-autofocus>
            Keep it
          </Button>
          <Button
            color="red"
            loading={archive.isPending}
            onClick={() => archive.mutate(undefined, { onSuccess: leave })}
          >
            Archive
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
