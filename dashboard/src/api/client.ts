/** The one way to the server: typed by its own OpenAPI document, failures as one class. */

import createClient from "openapi-fetch";
import type { components, paths } from "./schema";

export type Schemas = components["schemas"];

const UNSAFE = new Set(["POST", "PUT", "PATCH", "DELETE"]);
/** Said by what stands before a server that is not there. */
const GATEWAYS = new Set([502, 503, 504]);
let csrfToken = "";

/** What unsafe requests prove that they come from this page with. */
export function rememberCsrf(token: string): void {
  csrfToken = token;
}

export const api = createClient<paths>({ baseUrl: window.location.origin, credentials: "same-origin" });

api.use({
  onRequest({ request }) {
    if (UNSAFE.has(request.method) && csrfToken) request.headers.set("X-CSRF-Token", csrfToken);
    return request;
  },
});

/** A refusal or a failure, as the server says it; `unreachable` when it said nothing. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
    readonly requestId = "",
  ) {
    super(message);
  }
}

type Answered<T> = { data?: T; error?: unknown; response: Response };

/** The data of an answer; an ApiError for everything else. */
export async function answer<T>(asked: Promise<Answered<T>>): Promise<T> {
  const { data, error, response } = await asked.catch(unreachable);
  if (response.ok) return data as T;
  throw refused(response.status, error);
}

function unreachable(failed: unknown): never {
  if (failed instanceof DOMException && failed.name === "AbortError") throw failed;
  throw away();
}

function away(): ApiError {
  return new ApiError(
    0,
    "unreachable",
    "The server cannot be reached. Check your connection, or try again in a moment.",
  );
}

function refused(status: number, body: unknown): ApiError {
  const said = (body ?? {}) as Partial<Schemas["ErrorAnswer"]>;
  if (!said.error && GATEWAYS.has(status)) return away();
  const message = said.message ?? `The server answered ${status}. Try again in a moment.`;
  return new ApiError(status, said.error ?? "unknown", message, said.details, said.request_id);
}
