import { Modal } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Waiting } from "@/ui/states";

const ImportSteps = lazy(() => import("./ImportSteps"));

/** The import is rarely needed, so it is loaded when it is. */
export function ImportPeople({ opened, onClose }: { opened: boolean; onClose: () => void }) {
  return (
    <Modal opened={opened} onClose={onClose} title="Import people from a CSV file" size="xl">
      <Suspense fallback={<Waiting />}>
        <ImportSteps onClose={onClose} />
      </Suspense>
    </Modal>
  );
}
