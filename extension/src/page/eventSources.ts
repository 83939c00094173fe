/**
 * `EventSource` for known endpoints: a stand-in that connects when it may. Its events are counted out by the
 * browser, so their number is known, and the length of each.
 */

import { type Endpoint, endpointOf } from "@/core/hosts";
import type { Ask, Flight } from "./asker";
import { textBytes } from "./sizes";
import { handlers } from "./standIns";

type Made = ConstructorParameters<typeof EventSource>;

const CONNECTING = 0;
const CLOSED = 2;
const OWN = ["open", "error"];
const AGAIN_MS = 3_000;

export function hookEventSource(ask: Ask): void {
  const native = window.EventSource;
  const StandIn = standIn(native, ask);
  window.EventSource = new Proxy(native, {
    construct(target, args: Made, newTarget) {
      const endpoint = endpointOfSource(args[0]);
      return endpoint === null ? Reflect.construct(target, args, newTarget) : new StandIn(endpoint, args);
    },
  });
}

function endpointOfSource(url: string | URL): Endpoint | null {
  try {
    return endpointOf(new URL(url, document.baseURI));
  } catch {
    return null;
  }
}

function standIn(native: typeof EventSource, ask: Ask) {
  class Source extends EventTarget {
    readonly url: string;
    readonly withCredentials: boolean;
    #inner: EventSource | undefined;
    #state = CONNECTING;
    #flight: Flight | undefined;
    #types = new Set(["message"]);

    constructor(endpoint: Endpoint, args: Made) {
      super();
      this.url = new URL(args[0], document.baseURI).href;
      this.withCredentials = args[1]?.withCredentials ?? false;
      void this.#connect(endpoint, args);
    }

    get readyState() {
      return this.#inner?.readyState ?? this.#state;
    }

    /** A named event only comes to who listens for its name. */
    override addEventListener(...args: Parameters<EventTarget["addEventListener"]>): void {
      super.addEventListener(...args);
      const [type] = args;
      if (OWN.includes(type) || this.#types.has(type)) return;
      this.#types.add(type);
      if (this.#inner) this.#handOn(this.#inner, type);
    }

    close(): void {
      this.#state = CLOSED;
      this.#inner?.close();
      this.#flight?.end();
    }

    async #connect(endpoint: Endpoint, args: Made): Promise<void> {
      const flight = await ask(endpoint, "http", 0);
      if (this.#state === CLOSED) return flight.end({ sent: false });
      if (!flight.go) {
        this.#state = CLOSED;
        this.dispatchEvent(new Event("error"));
        return;
      }
      this.#flight = flight;
      const inner = new native(...args);
      this.#inner = inner;
      inner.addEventListener("open", () => this.dispatchEvent(new Event("open")));
      inner.addEventListener("error", () => this.#failed(inner, args, endpoint));
      for (const type of this.#types) this.#handOn(inner, type);
    }

    #handOn(inner: EventSource, type: string): void {
      inner.addEventListener(type, ({ data, lastEventId, origin }: MessageEvent) => {
        this.#flight?.event(framedBytes(type, String(data)));
        this.dispatchEvent(new MessageEvent(type, { data, lastEventId, origin }));
      });
    }

    /** The stream is over. The browser would connect again by itself, unasked: that is a new request. */
    #failed(inner: EventSource, args: Made, endpoint: Endpoint): void {
      this.#flight?.end();
      const again = inner.readyState !== CLOSED;
      inner.close();
      this.#inner = undefined;
      this.#state = again ? CONNECTING : CLOSED;
      this.dispatchEvent(new Event("error"));
      if (again) setTimeout(() => this.readyState !== CLOSED && void this.#connect(endpoint, args), AGAIN_MS);
    }
  }
  handlers(Source.prototype, ["open", "message", "error"]);
  Object.setPrototypeOf(Source.prototype, native.prototype);
  return Source as unknown as new (
    endpoint: Endpoint,
    args: Made,
  ) => EventSource;
}

/** An event as it came: its data, and the least of framing that it can have had. */
function framedBytes(type: string, data: string): number {
  const lines = data.split("\n").length;
  return textBytes(data) + lines * "data: ".length + "\n\n".length + named(type);
}

function named(type: string): number {
  return type === "message" ? 0 : textBytes(`event: ${type}\n`);
}
