/**
 * What pages, popup and worker say to each other, and the check that it is that and nothing more.
 *
 * M1: no field of a message can hold content: texts are ids, hosts and path classes out of a fixed list, and at
 *     most a model's name out of an address. Addresses themselves do not leave the page.
 */

import { type Endpoint, knownEndpoint } from "./hosts";
import type { Told } from "./requests";
import { isUuid } from "./uuid7";
import type { Notice } from "./verdicts";
import type { Decision } from "./wire";

/** A request as the hook announces it. */
export interface Announced {
  id: string;
  host: string;
  path: string;
  model?: string;
  transport: "http" | "socket";
  startedAt: number;
  requestBytes: number;
}

/** A request as the hook saw it end. `sent` is false where it was not made after all. */
export interface Ended extends Announced {
  endedAt: number;
  responseBytes: number;
  responseEvents?: number;
  sent: boolean;
}

export type PageMessage = { kind: "ask"; request: Announced } | { kind: "end"; request: Ended };

export interface Answer {
  go: boolean;
  /** Whether the hook should count this request. */
  watch: boolean;
}

export type ToPage = { kind: "show"; notice: Notice };

/** What a page needs to know before the worker has said anything. */
export interface Present {
  active: boolean;
  whenUnsure: Decision;
}

const MOST_BYTES = 2 ** 40;

/** The message, if it is one that a page may send; null for anything else (M1). */
export function pageMessage(said: unknown): PageMessage | null {
  if (!isRecord(said) || !isRecord(said.request)) return null;
  const request = announced(said.request);
  if (request === null) return null;
  if (said.kind === "ask") return { kind: "ask", request };
  const { endedAt, responseBytes, responseEvents, sent } = said.request;
  if (said.kind !== "end" || !isTime(endedAt) || !isCount(responseBytes) || typeof sent !== "boolean")
    return null;
  const events = isCount(responseEvents) ? { responseEvents } : {};
  return { kind: "end", request: { ...request, endedAt, responseBytes, sent, ...events } };
}

function announced(said: Record<string, unknown>): Announced | null {
  const { id, host, path, model, transport, startedAt, requestBytes } = said;
  const endpoint = knownEndpoint(host, path, model);
  if (!isUuid(id) || endpoint === null) return null;
  if (transport !== "http" && transport !== "socket") return null;
  if (!isTime(startedAt) || !isCount(requestBytes)) return null;
  const named = endpoint.model === undefined ? {} : { model: endpoint.model };
  return { id, host: endpoint.host, path: endpoint.path, ...named, transport, startedAt, requestBytes };
}

/** The endpoint that a checked message speaks of. */
export function endpointIn({ host, path, model }: Announced): Endpoint {
  const endpoint = knownEndpoint(host, path, model);
  if (endpoint === null) throw new Error("A message must be checked before it is used.");
  return endpoint;
}

/** What is kept of an announced request. */
export function toldOf(request: Announced): Told {
  return { ...request, state: "asked" };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null;
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) >= 0 && (value as number) <= MOST_BYTES;
}

function isTime(value: unknown): value is number {
  return typeof value === "number" && value > 0 && value < 8.64e15;
}
