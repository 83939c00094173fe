import { useCallback, useState } from "react";
import { type Department, useChangeDepartment } from "./queries";

export type Moved = { department: Department; to: Department };

/** Moves departments, and knows the last move so that it can be taken back. */
export function useMoving() {
  const [moved, setMoved] = useState<Moved | null>(null);
  const { mutate } = useChangeDepartment();
  const move = useCallback(
    (department: Department, to: Department) =>
      mutate(
        { id: department.id, changes: { parent_id: to.id } },
        { onSuccess: () => setMoved({ department, to }) },
      ),
    [mutate],
  );
  const back = () => {
    const home = moved?.department.parent_id;
    if (moved && home)
      mutate({ id: moved.department.id, changes: { parent_id: home } }, { onSuccess: () => setMoved(null) });
  };
  return { moved, move, back, forget: () => setMoved(null) };
}
