/** What the stand-ins for WebSocket and EventSource share. */

/** An address as a page may write it: relative, or with http for ws. */
export function parsed(url: string | URL): URL | null {
  try {
    const whole = new URL(url, document.baseURI);
    whole.protocol = whole.protocol.replace("http", "ws");
    return whole;
  } catch {
    return null;
  }
}

type Listener = ((event: Event) => void) | null;

/** `onopen` and the like: one listener that can be replaced. */
export function handlers(prototype: EventTarget, names: string[]): void {
  for (const name of names) {
    const set = new WeakMap<EventTarget, Listener>();
    const called = new WeakMap<EventTarget, Listener>();
    Object.defineProperty(prototype, `on${name}`, {
      configurable: true,
      enumerable: true,
      get(this: EventTarget) {
        return set.get(this) ?? null;
      },
      set(this: EventTarget, listener: unknown) {
        set.set(this, typeof listener === "function" ? (listener as Listener) : null);
        if (called.has(this)) return;
        const call = (event: Event) => set.get(this)?.call(this, event);
        called.set(this, call);
        this.addEventListener(name, call);
      },
    });
  }
}
