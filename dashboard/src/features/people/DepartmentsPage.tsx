import { Button, Group } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useCallback, useDeferredValue, useState } from "react";
import { departmentsQuery } from "@/api/departments";
import { deeperThan, nest, type Place, revealed } from "@/lib/tree";
import { Page } from "@/ui/Page";
import { Empty } from "@/ui/states";
import { DepartmentBar } from "./DepartmentBar";
import { DepartmentTree } from "./DepartmentTree";
import { FindDepartment } from "./FindDepartment";
import { MovedNotice } from "./MovedNotice";
import type { Department } from "./queries";
import { useMoving } from "./useMoving";

/** From so many departments on, only the upper levels are open at first. */
const MANY = 200;

export default function DepartmentsPage() {
  const { data: departments } = useSuspenseQuery(departmentsQuery);
  const [place, setPlace] = useState<Place>(() => closed(departments, MANY));
  const { moved, move, back, forget } = useMoving();
  // What says which one is selected may come a moment later than the next key in a large tree.
  const focused = useDeferredValue(place.focused);
  const selected = departments.find(({ id }) => id === focused) ?? departments[0];
  const reveal = useCallback(
    (id: string | undefined) => id && setPlace((before) => revealed(departments, before, id)),
    [departments],
  );
  return (
    <Page
      title="Departments"
      about="Drag a department onto another to move it there, or select it and choose “Move to…”. Arrow keys walk the tree."
    >
      <Group gap="xs" justify="space-between">
        <FindDepartment departments={departments} selected={selected?.id} onFind={reveal} />
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setPlace({ ...place, collapsed: new Set() })}
          >
            Open all
          </Button>
          <Button size="compact-sm" variant="default" onClick={() => setPlace(closed(departments, 0))}>
            Close all
          </Button>
        </Group>
      </Group>
      {moved && <MovedNotice moved={moved} onBack={back} onClose={forget} />}
      <div>
        {selected && (
          <DepartmentBar department={selected} departments={departments} onMove={move} onSelect={reveal} />
        )}
        <DepartmentTree departments={departments} place={place} onPlace={setPlace} onMove={move} />
        {departments.length === 1 && (
          <Empty title="One department so far">It stands for the whole organisation. Add one below it.</Empty>
        )}
      </div>
    </Page>
  );
}

/** The tree with the root selected, and with all but its upper levels closed when it has more than `many`. */
function closed(departments: readonly Department[], many: number): Place {
  const collapsed = departments.length > many ? deeperThan(nest(departments), 2) : new Set<string>();
  return { focused: departments[0]?.id ?? "", collapsed };
}
