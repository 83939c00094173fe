import { type DragEvent, useRef, useState } from "react";

type Dragged = { id: string; open: ReadonlySet<string> };

/** How long something is held over a collapsed department before it opens, in milliseconds. */
const OPENS_AFTER = 600;

/** Dragging one department onto another with native drag events. `openTo`: where one may be dropped. */
export function useDrag(
  openTo: (id: string) => ReadonlySet<string>,
  onDrop: (id: string, onto: string) => void,
  onLinger: (id: string) => void,
) {
  const [dragged, setDragged] = useState<Dragged | null>(null);
  const [over, setOver] = useState<string | null>(null);
  const timer = useRef<number>(undefined);
  const end = () => {
    window.clearTimeout(timer.current);
    setDragged(null);
    setOver(null);
  };
  const enter = (id: string | null) => {
    if (id === over) return;
    window.clearTimeout(timer.current);
    setOver(id);
    if (id) timer.current = window.setTimeout(() => onLinger(id), OPENS_AFTER);
  };
  const handlers = {
    onDragStart: (event: DragEvent) => {
      const id = idAt(event.target);
      if (!id) return;
      event.dataTransfer.effectAllowed = "move";
      event.dataTransfer.setData("text/plain", "");
      setDragged({ id, open: openTo(id) });
    },
    onDragOver: (event: DragEvent) => {
      if (!dragged) return;
      const id = idAt(event.target);
      enter(id);
      if (id && dragged.open.has(id)) event.preventDefault();
    },
    onDrop: (event: DragEvent) => {
      const id = idAt(event.target);
      event.preventDefault();
      if (dragged && id && dragged.open.has(id)) onDrop(dragged.id, id);
      end();
    },
    onDragEnd: end,
  };
  return { dragged, over, handlers };
}

/** The id of the row that an event happened on. */
export function idAt(target: EventTarget): string | null {
  const row = target instanceof Element ? target.closest<HTMLElement>("[data-id]") : null;
  return row?.dataset.id ?? null;
}
