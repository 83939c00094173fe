import "./departments.css";
import { type KeyboardEvent, type MouseEvent, useEffect, useMemo, useRef } from "react";
import { nest, type Place, press, toggled, visible } from "@/lib/tree";
import { DepartmentRow } from "./DepartmentRow";
import { mayMoveTo } from "./moving";
import type { Department } from "./queries";
import { idAt, useDrag } from "./useDrag";

type Props = {
  departments: readonly Department[];
  place: Place;
  onPlace: (place: Place) => void;
  onMove: (moved: Department, to: Department) => void;
};

/** The departments as a tree (ARIA's tree pattern), one row in the tab order. */
export function DepartmentTree({ departments, place, onPlace, onMove }: Props) {
  const tops = useMemo(() => nest(departments), [departments]);
  const rows = useMemo(() => visible(tops, place.collapsed), [tops, place.collapsed]);
  const byId = useMemo(() => new Map(departments.map((one) => [one.id, one])), [departments]);
  const focused = (rows.find((row) => row.item.id === place.focused) ?? rows[0])?.item.id;
  const tree = useFollowing(focused);
  const { dragged, over, handlers } = useDrag(
    (id) => new Set(mayMoveTo(departments, byId.get(id) ?? NOWHERE).map((one) => one.id)),
    (id, onto) => {
      const [moved, to] = [byId.get(id), byId.get(onto)];
      if (moved && to) onMove(moved, to);
    },
    (id) => place.collapsed.has(id) && onPlace({ ...toggled(place, id), focused: place.focused }),
  );
  const pressed = (event: KeyboardEvent) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const next = press(event.key, rows, { ...place, focused: focused ?? "" });
    if (!next) return;
    event.preventDefault();
    event.stopPropagation();
    onPlace(next);
  };
  const clicked = (event: MouseEvent) => {
    const id = idAt(event.target);
    if (!id) return;
    const onToggle = event.target instanceof Element && event.target.closest("[data-toggle]");
    onPlace({ ...(onToggle ? toggled(place, id) : place), focused: id });
  };
  return (
    <div className="departments">
      <div
        role="tree"
        aria-label="Departments"
        ref={tree}
        onKeyDown={pressed}
        onClick={clicked}
        {...handlers}
      >
        {rows.map((row) => (
          <DepartmentRow
            key={row.item.id}
            row={row}
            focused={row.item.id === focused}
            over={row.item.id === over && dragged?.open.has(over) === true}
            closed={dragged !== null && !dragged.open.has(row.item.id)}
          />
        ))}
      </div>
    </div>
  );
}

const NOWHERE: Department = { id: "", name: "", path: "", parent_id: null, people: 0 };

/** The browser's focus goes where the tree's went; when it is on something else, the row is only brought into sight. */
function useFollowing(focused: string | undefined) {
  const tree = useRef<HTMLDivElement>(null);
  const before = useRef(focused);
  useEffect(() => {
    if (before.current === focused) return;
    before.current = focused;
    const row = tree.current?.querySelector<HTMLElement>('[aria-selected="true"]');
    const active = document.activeElement;
    if (active === document.body || tree.current?.contains(active)) row?.focus({ preventScroll: true });
    row?.scrollIntoView({ block: "nearest", inline: "nearest" });
  }, [focused]);
  return tree;
}
