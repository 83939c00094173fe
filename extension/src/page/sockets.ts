/**
 * `WebSocket` for known endpoints. Making one connects at once, so the page gets a stand-in that connects when
 * it may, and hands everything on. One connection is one request.
 */

import { type Endpoint, endpointOf } from "@/core/hosts";
import type { Ask, Flight } from "./asker";
import { bytesOf, textBytes } from "./sizes";
import { handlers, parsed } from "./standIns";

type Made = ConstructorParameters<typeof WebSocket>;
type Sendable = Parameters<WebSocket["send"]>[0];

const CONNECTING = 0;
const CLOSED = 3;

export function hookWebSocket(ask: Ask): void {
  const native = window.WebSocket;
  const StandIn = standIn(native, ask);
  window.WebSocket = new Proxy(native, {
    construct(target, args: Made, newTarget) {
      const url = parsed(args[0]);
      const endpoint = url === null ? null : endpointOf(url);
      if (url === null || endpoint === null) return Reflect.construct(target, args, newTarget);
      return new StandIn(url.href, endpoint, args);
    },
  });
}

function standIn(native: typeof WebSocket, ask: Ask) {
  class Socket extends EventTarget {
    #inner: WebSocket | undefined;
    #state = CONNECTING;
    #binary: BinaryType = "blob";
    #flight: Flight | undefined;

    constructor(
      readonly url: string,
      endpoint: Endpoint,
      args: Made,
    ) {
      super();
      void this.#connect(endpoint, args);
    }

    get readyState() {
      return this.#inner?.readyState ?? this.#state;
    }
    get bufferedAmount() {
      return this.#inner?.bufferedAmount ?? 0;
    }
    get extensions() {
      return this.#inner?.extensions ?? "";
    }
    get protocol() {
      return this.#inner?.protocol ?? "";
    }
    get binaryType() {
      return this.#binary;
    }
    set binaryType(type) {
      this.#binary = type;
      if (this.#inner) this.#inner.binaryType = type;
    }

    send(what: Sendable): void {
      if (this.#inner === undefined && this.#state === CONNECTING)
        throw new DOMException("Still in CONNECTING state.", "InvalidStateError");
      this.#flight?.carried(bytesOf(what) ?? 0, 0);
      this.#inner?.send(what);
    }

    close(code?: number, reason?: string): void {
      if (this.#inner) this.#inner.close(code, reason);
      else this.#fail();
    }

    async #connect(endpoint: Endpoint, args: Made): Promise<void> {
      const flight = await ask(endpoint, "socket", 0);
      if (this.#state === CLOSED) return flight.end({ sent: false });
      if (!flight.go) return this.#fail();
      this.#flight = flight;
      this.#inner = new native(...args);
      this.#inner.binaryType = this.#binary;
      this.#handOn(this.#inner, flight);
    }

    #handOn(inner: WebSocket, flight: Flight): void {
      inner.addEventListener("open", () => this.dispatchEvent(new Event("open")));
      inner.addEventListener("error", () => this.dispatchEvent(new Event("error")));
      inner.addEventListener("message", ({ data, origin }) => {
        flight.carried(0, typeof data === "string" ? textBytes(data) : (bytesOf(data) ?? 0));
        this.dispatchEvent(new MessageEvent("message", { data, origin }));
      });
      inner.addEventListener("close", ({ code, reason, wasClean }) => {
        flight.end();
        this.dispatchEvent(new CloseEvent("close", { code, reason, wasClean }));
      });
    }

    #fail(): void {
      if (this.#state === CLOSED) return;
      this.#state = CLOSED;
      queueMicrotask(() => {
        this.dispatchEvent(new Event("error"));
        this.dispatchEvent(new CloseEvent("close", { code: 1006, reason: "", wasClean: false }));
      });
    }
  }
  handlers(Socket.prototype, ["open", "message", "error", "close"]);
  Object.setPrototypeOf(Socket.prototype, native.prototype);
  return Socket as unknown as new (
    url: string,
    endpoint: Endpoint,
    args: Made,
  ) => WebSocket;
}
