/** `XMLHttpRequest` for known endpoints. A synchronous one cannot wait: it is left to the browser's own rules. */

import { type Endpoint, endpointOf } from "@/core/hosts";
import type { Ask, Flight } from "./asker";
import { bytesOf, formBytes } from "./sizes";

type Body = Document | XMLHttpRequestBodyInit | null | undefined;

const opened = new WeakMap<XMLHttpRequest, { endpoint: Endpoint; turn: symbol }>();

export function hookXhr(ask: Ask): void {
  const { prototype } = XMLHttpRequest;
  prototype.open = new Proxy(prototype.open, {
    apply(target, self: XMLHttpRequest, args: [string, string | URL, boolean?]) {
      const [method, url, later = true] = args;
      const endpoint = later ? endpointOfOpen(String(method), String(url)) : null;
      opened.delete(self);
      if (endpoint !== null) opened.set(self, { endpoint, turn: Symbol() });
      Reflect.deleteProperty(self, "readyState");
      return Reflect.apply(target, self, args);
    },
  });
  prototype.abort = new Proxy(prototype.abort, {
    apply(target, self: XMLHttpRequest, args) {
      opened.delete(self);
      return Reflect.apply(target, self, args);
    },
  });
  prototype.send = new Proxy(prototype.send, {
    apply(target, self: XMLHttpRequest, args: [Body?]) {
      const open = opened.get(self);
      if (open === undefined) return Reflect.apply(target, self, args);
      void sent(ask, self, open, args[0], () => Reflect.apply(target, self, args));
      return undefined;
    },
  });
}

function endpointOfOpen(method: string, url: string): Endpoint | null {
  if (!["POST", "PUT"].includes(method.toUpperCase())) return null;
  try {
    return endpointOf(new URL(url, document.baseURI));
  } catch {
    return null;
  }
}

async function sent(
  ask: Ask,
  xhr: XMLHttpRequest,
  { endpoint, turn }: { endpoint: Endpoint; turn: symbol },
  body: Body,
  send: () => void,
): Promise<void> {
  const flight = await ask(endpoint, "http", bytesOf(body) ?? (await formBytes(body)));
  if (opened.get(xhr)?.turn !== turn) return flight.end({ sent: false });
  opened.delete(xhr);
  if (!flight.go) return fail(xhr);
  count(xhr, flight);
  send();
}

function count(xhr: XMLHttpRequest, flight: Flight): void {
  let so = 0;
  const more = ({ loaded }: ProgressEvent) => {
    flight.carried(0, Math.max(0, loaded - so));
    so = Math.max(so, loaded);
  };
  const over = (event: ProgressEvent) => {
    more(event);
    xhr.removeEventListener("progress", more);
    flight.end();
  };
  xhr.addEventListener("progress", more);
  xhr.addEventListener("loadend", over, { once: true });
}

/** What a page sees of a request that the network did not take. */
function fail(xhr: XMLHttpRequest): void {
  Object.defineProperty(xhr, "readyState", { value: XMLHttpRequest.DONE, configurable: true });
  xhr.dispatchEvent(new Event("readystatechange"));
  xhr.dispatchEvent(new ProgressEvent("error"));
  xhr.dispatchEvent(new ProgressEvent("loadend"));
}
