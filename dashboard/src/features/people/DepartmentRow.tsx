import { IconChevronRight } from "@tabler/icons-react";
import { type CSSProperties, memo } from "react";
import { exact } from "@/lib/format";
import type { Row } from "@/lib/tree";
import type { Department } from "./queries";

type Props = {
  row: Row<Department>;
  focused: boolean;
  /** Something is dragged over it that may be dropped here. */
  over: boolean;
  /** Something is dragged that may not be dropped here. */
  closed: boolean;
};

/** One department of the tree. Keys, clicks and drags are the tree's, which knows it by `data-id`. */
export const DepartmentRow = memo(function DepartmentRow({ row, focused, over, closed }: Props) {
  const { item, level, expanded } = row;
  return (
    <div
      role="treeitem"
      className="department"
      data-id={item.id}
      data-over={over || undefined}
      data-closed-to-it={closed || undefined}
      style={{ "--level": level } as CSSProperties}
      tabIndex={focused ? 0 : -1}
      aria-level={level}
      aria-posinset={row.position}
      aria-setsize={row.siblings}
      aria-expanded={expanded ?? undefined}
      aria-selected={focused}
      draggable={item.parent_id !== null}
    >
      <span className="department-toggle" data-toggle={expanded !== null || undefined} aria-hidden>
        {expanded !== null && <IconChevronRight size={16} />}
      </span>
      <bdi className="clip" title={item.name}>
        {item.name}
      </bdi>
      <span className="department-people">
        {exact(item.people)} {item.people === 1 ? "person" : "people"}
      </span>
    </div>
  );
});
