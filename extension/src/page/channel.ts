/**
 * The way between the hook, which lives in the page's own world, and the bridge, which the page cannot see: an
 * element that is in no document. Each end hands it over before any script of the page has run, once.
 *
 * N1: what goes over it is JSON of numbers, ids, hosts and path classes; never anything of a body.
 * N2: once the hook has it, it is offered to nobody else, whichever of the two was first.
 * N3: it is synchronous, so that a page's last words are heard while it goes away.
 */

const OFFER = "toktra-offer";
const WANTED = "toktra-wanted";

export interface End {
  say(kind: string, what: unknown): void;
  hear(kind: string, heard: (what: unknown) => void): void;
}

/** The bridge's end. */
export function offer(): End {
  const element = document.createElement("i");
  const hand = () => {
    const offered = new MouseEvent(OFFER, { relatedTarget: element, cancelable: true });
    if (!document.dispatchEvent(offered)) document.removeEventListener(WANTED, hand);
  };
  document.addEventListener(WANTED, hand);
  hand();
  return endOf(element, "bridge", "hook");
}

/** The hook's end; `use` is called at once, or as soon as the bridge is there. */
export function want(use: (end: End) => void): void {
  let taken = false;
  const take = (event: Event) => {
    event.stopImmediatePropagation();
    event.preventDefault(); // taken
    const element = (event as MouseEvent).relatedTarget;
    if (taken || element === null) return;
    taken = true;
    document.removeEventListener(OFFER, take, { capture: true });
    use(endOf(element, "hook", "bridge"));
  };
  document.addEventListener(OFFER, take, { capture: true });
  document.dispatchEvent(new Event(WANTED));
}

function endOf(element: EventTarget, mine: string, theirs: string): End {
  return {
    say: (kind, what) =>
      element.dispatchEvent(new CustomEvent(`${mine}:${kind}`, { detail: JSON.stringify(what) })),
    hear: (kind, heard) =>
      element.addEventListener(`${theirs}:${kind}`, (event) =>
        heard(JSON.parse((event as CustomEvent).detail)),
      ),
  };
}
