import { IconSearch } from "@tabler/icons-react";
import { memo } from "react";
import { DepartmentPicker } from "./DepartmentPicker";
import type { Department } from "./queries";

type Props = {
  departments: readonly Department[];
  selected: string | undefined;
  onFind: (id: string | undefined) => void;
};

/** The selected department's path, and a search for another one. */
export const FindDepartment = memo(function FindDepartment({ departments, selected, onFind }: Props) {
  return (
    <DepartmentPicker
      departments={departments}
      value={selected}
      onPick={onFind}
      onFocus={(event) => event.currentTarget.select()}
      aria-label="Find a department"
      leftSection={<IconSearch size={14} />}
      allowDeselect={false}
      w={{ base: "100%", xs: 420 }}
    />
  );
});
