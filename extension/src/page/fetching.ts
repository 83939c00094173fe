/** `fetch` for known endpoints: asked before, counted on the way, the same for the page otherwise. */

import { type Endpoint, endpointOf } from "@/core/hosts";
import type { Ask, Flight } from "./asker";
import { bytesOf, formBytes } from "./sizes";

type Fetch = typeof window.fetch;

const WHOLE_WITHIN_MS = 10;
const BODILESS = [101, 103, 204, 205, 304];

export function hookFetch(ask: Ask): void {
  const native = window.fetch;
  window.fetch = new Proxy(native, {
    apply(target, self, args: Parameters<Fetch>) {
      const endpoint = endpointOfCall(...args);
      return endpoint === null ? Reflect.apply(target, self, args) : asked(ask, native, endpoint, args);
    },
  });
}

function endpointOfCall(input: RequestInfo | URL, init?: RequestInit): Endpoint | null {
  const request = input instanceof Request ? input : null;
  const method = String(init?.method ?? request?.method ?? "GET").toUpperCase();
  if (method !== "POST" && method !== "PUT") return null;
  try {
    return endpointOf(new URL(request?.url ?? String(input), document.baseURI));
  } catch {
    return null;
  }
}

async function asked(
  ask: Ask,
  native: Fetch,
  endpoint: Endpoint,
  args: Parameters<Fetch>,
): Promise<Response> {
  const [input, init] = args;
  const request = new Request(input, init); // as it is now: the page may reuse what it has passed
  const flight = await ask(endpoint, "http", await requestBytes(request, init));
  if (!flight.go) throw new TypeError("Failed to fetch");
  if (request.signal.aborted) flight.end({ sent: false });
  try {
    return counted(await native(request), flight);
  } catch (failed) {
    flight.end();
    throw failed;
  }
}

/** A body inside a Request is measured through a copy that is thrown away; one that is not whole yet, not at all. */
async function requestBytes(request: Request, init?: RequestInit): Promise<number> {
  if (init?.body !== undefined) return bytesOf(init.body) ?? (await formBytes(init.body));
  const whole = request.clone().blob();
  const late = new Promise<null>((resolve) => setTimeout(resolve, WHOLE_WITHIN_MS, null));
  return (await Promise.race([whole, late]))?.size ?? 0;
}

/** The same answer, whose body is counted as the page reads it. */
function counted(answer: Response, flight: Flight): Response {
  if (answer.body === null || BODILESS.includes(answer.status)) {
    flight.end();
    return answer;
  }
  const { status, statusText, headers, url, type, redirected } = answer;
  return alike(new Response(counting(answer.body, flight), { status, statusText, headers }), {
    url,
    type,
    redirected,
  });
}

function alike(answer: Response, as: { url: string; type: ResponseType; redirected: boolean }): Response {
  const properties = Object.entries(as).map(
    ([name, value]) => [name, { value, configurable: true }] as const,
  );
  Object.defineProperties(answer, Object.fromEntries(properties));
  const clone = () => alike(Response.prototype.clone.call(answer), as);
  return Object.defineProperty(answer, "clone", { value: clone, configurable: true });
}

/** Hands every piece on as it comes; of each piece its length is taken, nothing else. */
function counting(
  body: ReadableStream<Uint8Array<ArrayBuffer>>,
  flight: Flight,
): ReadableStream<Uint8Array<ArrayBuffer>> {
  const reader = body.getReader();
  return new ReadableStream({
    type: "bytes",
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (!done) {
          flight.carried(0, value.byteLength);
          controller.enqueue(value);
          return;
        }
        flight.end();
        controller.close();
        controller.byobRequest?.respond(0);
      } catch (failed) {
        flight.end();
        controller.error(failed);
      }
    },
    cancel(reason) {
      flight.end();
      return reader.cancel(reason);
    },
  });
}
