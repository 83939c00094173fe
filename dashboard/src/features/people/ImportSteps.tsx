import { Alert, Button, Group, Stack } from "@mantine/core";
import { useState } from "react";
import { reasonOf } from "@/api/act";
import { ImportResult } from "./ImportResult";
import { ImportSource, type Source } from "./ImportSource";
import { summary } from "./importing";
import { useImport } from "./queries";

/** Choose, check, import. What is imported is exactly what was checked. */
export default function ImportSteps({ onClose }: { onClose: () => void }) {
  const [source, setSource] = useState<Source | null>(null);
  const check = useImport({ dryRun: true });
  const carryOut = useImport({ dryRun: false });
  const choose = (chosen: Source | null) => {
    setSource(chosen);
    check.reset();
    carryOut.reset();
  };
  const failed = carryOut.error ?? check.error;
  const result = carryOut.data ?? check.data;
  const done = carryOut.data !== undefined && carryOut.data.error_count === 0;
  const ready = check.data?.error_count === 0 && check.data.created + check.data.updated > 0;
  return (
    <Stack>
      {!done && <ImportSource source={source} onChoose={choose} />}
      {failed && (
        <Alert color="red" variant="light" role="alert">
          {reasonOf(failed)}
        </Alert>
      )}
      {result && <ImportResult result={result} />}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          {done ? "Close" : "Cancel"}
        </Button>
        {!done && !ready && (
          <Button
            disabled={!source}
            loading={check.isPending}
            onClick={() => source && check.mutate(source.content)}
          >
            Check it
          </Button>
        )}
        {!done && ready && check.data && (
          <Button loading={carryOut.isPending} onClick={() => source && carryOut.mutate(source.content)}>
            Import: {summary(check.data)}
          </Button>
        )}
      </Group>
    </Stack>
  );
}
