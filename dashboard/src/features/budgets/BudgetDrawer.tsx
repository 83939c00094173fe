import { Drawer } from "@mantine/core";
import { BudgetForm } from "./BudgetForm";
import { newBody, type Values } from "./form";
import { useCreateBudget } from "./queries";

/** Making a budget. Open while there is something to start with. */
export function BudgetDrawer({ start, onClose }: { start: Values | null; onClose: () => void }) {
  const create = useCreateBudget();
  return (
    <Drawer opened={start !== null} onClose={onClose} position="right" size="lg" title="Add a budget">
      {start && (
        <BudgetForm
          start={start}
          submit="Add the budget"
          onSubmit={async (values) => {
            await create.mutateAsync(newBody(values));
            onClose();
          }}
          onCancel={onClose}
        />
      )}
    </Drawer>
  );
}
