import { Button, Group } from "@mantine/core";
import { useSuspenseQuery } from "@tanstack/react-query";
import { useState } from "react";
import { deeperThan, nest, type Place, revealed } from "@/lib/tree";
import { Page } from "@/ui/Page";
import { Empty } from "@/ui/states";
import { DepartmentBar } from "./DepartmentBar";
import { DepartmentPicker } from "./DepartmentPicker";
import { DepartmentTree } from "./DepartmentTree";
import { MovedNotice } from "./MovedNotice";
import { departmentsQuery } from "./queries";
import { useMoving } from "./useMoving";

/** From so many departments on, only the upper levels are open at first. */
const MANY = 200;

export default function DepartmentsPage() {
  const { data: departments } = useSuspenseQuery(departmentsQuery);
  const [place, setPlace] = useState<Place>(() => ({
    focused: departments[0]?.id ?? "",
    collapsed: departments.length > MANY ? deeperThan(nest(departments), 3) : new Set(),
  }));
  const { moved, move, back, forget } = useMoving();
  const selected = departments.find(({ id }) => id === place.focused) ?? departments[0];
  const reveal = (id: string | undefined) => id && setPlace(revealed(departments, place, id));
  return (
    <Page
      title="Departments"
      about="Drag a department onto another to move it there, or select it and choose “Move to…”. Arrow keys walk the tree."
    >
      <Group gap="xs" justify="space-between">
        <DepartmentPicker
          departments={departments}
          value={undefined}
          onPick={reveal}
          aria-label="Find a department"
          placeholder="Find a department"
          w={{ base: "100%", xs: 320 }}
        />
        <Group gap="xs">
          <Button
            size="compact-sm"
            variant="default"
            onClick={() => setPlace({ ...place, collapsed: new Set() })}
          >
            Open all
          </Button>
          <Button
            size="compact-sm"
            variant="default"
            onClick={() =>
              setPlace({ focused: departments[0]?.id ?? "", collapsed: deeperThan(nest(departments), 2) })
            }
          >
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
