import { beforeEach, expect, test, vi } from "vitest";
import { type End, offer, want } from "@/page/channel";

/** As much of a document as the two ends use. */
class Page extends EventTarget {
  createElement = () => new EventTarget();
}

class Clicked extends Event {
  readonly relatedTarget: EventTarget | null;
  constructor(type: string, { relatedTarget, ...more }: MouseEventInit) {
    super(type, more);
    this.relatedTarget = relatedTarget ?? null;
  }
}

let hook: End | undefined;
const wanted = () =>
  want((end) => {
    hook = end;
  });

beforeEach(() => {
  hook = undefined;
  vi.stubGlobal("document", new Page());
  vi.stubGlobal("MouseEvent", Clicked);
});

/** What a script of the page gets hold of. */
function taken(): EventTarget[] {
  const found: EventTarget[] = [];
  document.addEventListener("toktra-offer", (event) => {
    const element = (event as MouseEvent).relatedTarget;
    if (element !== null) found.push(element);
  });
  document.dispatchEvent(new Event("toktra-wanted"));
  document.dispatchEvent(new Event("toktra-wanted"));
  return found;
}

test.each([
  ["the hook", true],
  ["the bridge", false],
])("N2: with %s first the two find each other, and the page finds neither", (_, hookFirst) => {
  if (hookFirst) wanted();
  const bridge = offer();
  if (!hookFirst) wanted();
  const heard: unknown[] = [];
  bridge.hear("ask", (what) => heard.push(what));
  hook?.say("ask", { id: 1 });
  expect(heard).toEqual([{ id: 1 }]);
  expect(taken()).toEqual([]);
});
