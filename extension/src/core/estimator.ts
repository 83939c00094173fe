/**
 * Tokens from sizes: the formula of `wire/src/toktra_wire/estimator.py`, which explains it, number by number.
 * Both are held to `wire/tests/estimator_vectors.json`.
 */

import type { Cell, Estimate, Exchange, ModelRule, Named, Parameters, Sizes, Target } from "./parameters";

export type { Estimate, Exchange, Parameters };

interface Traits extends Required<Named> {
  framed: boolean;
  hides: boolean;
}

const WEIGHTS: Record<Target, [keyof Named, number][]> = {
  input: [
    ["family", 16],
    ["host", 8],
    ["model", 4],
    ["streaming", 2],
  ],
  output: [
    ["streaming", 16],
    ["family", 8],
    ["framed", 4],
    ["host", 2],
    ["model", 1],
  ],
};
const MODEL_IN_ENDPOINT = ["/models/", "/model/", "/deployments/"];
const LARGEST = 20.7;
const MOST_BYTES = 1e15;
const NOTHING = [0, 0, 0] as const;

export function estimate(rules: Parameters, exchange: Exchange): Estimate {
  const sizes: Sizes = [
    bounded(exchange.request_bytes),
    bounded(exchange.response_bytes),
    bounded(exchange.response_events ?? 0),
  ];
  const traits = traitsOf(rules, exchange, sizes[2] > 0);
  const empty = sizes[0] === 0 && sizes[1] === 0;
  const sent = empty ? NOTHING : interval(rules, "input", traits, sizes);
  const all = empty ? NOTHING : interval(rules, "output", traits, sizes);
  const came = sizes[1] === 0 ? ([0, 0, all[2]] as const) : all;
  return {
    input_tokens: sent[0],
    input_low: sent[1],
    input_high: sent[2],
    output_tokens: came[0],
    output_low: came[1],
    output_high: came[2],
    version: rules.version,
    lower_bound: traits.hides,
  };
}

function traitsOf(
  rules: Parameters,
  { host, endpoint, streaming, model }: Exchange,
  framed: boolean,
): Traits {
  const name = (host.toLowerCase().split(":")[0] ?? "").replace(/\.+$/, "");
  const path = (endpoint ?? "").toLowerCase();
  const api = rules.families.find((rule) => rule.has.some((text) => path.includes(text)));
  const kind = kindOf(rules, model || modelIn(path));
  const streams = streaming ?? (framed ? true : (api?.streaming ?? null));
  const hides = kind
    ? (kind.hides ?? false)
    : rules.hiding_hosts.some((pattern) => underPattern(pattern, name));
  return {
    family: api?.family ?? null,
    host: rules.hosts.find((pattern) => underPattern(pattern, name)) ?? name,
    streaming: streams,
    model: kind?.model ?? null,
    framed: framed && streams === true,
    hides: hides && api?.family !== "embeddings",
  };
}

function kindOf(rules: Parameters, model: string | null): ModelRule | undefined {
  const name = (model ?? "").toLowerCase();
  return rules.models.find((rule) => rule.has.some((text) => name.includes(text)));
}

function modelIn(path: string): string | null {
  const mark = MODEL_IN_ENDPOINT.find((each) => path.includes(each));
  return mark === undefined ? null : path.slice(path.indexOf(mark) + mark.length);
}

/** `*` stands for anything, once; here also for nothing, as the reference has it. */
function underPattern(pattern: string, name: string): boolean {
  const star = pattern.indexOf("*");
  if (star < 0) return name === pattern;
  const [start, end] = [pattern.slice(0, star), pattern.slice(star + 1)];
  return name.startsWith(start) && name.endsWith(end) && name.length >= start.length + end.length;
}

function interval(rules: Parameters, target: Target, traits: Traits, sizes: Sizes) {
  const cell = bestCell(rules.cells, target, traits);
  const x = valueAt(cell, climbed(rules, target, traits, sizes));
  return [tokens(x), tokens(x + Math.min(cell.low, 0)), tokens(x + Math.max(cell.high, 0))] as const;
}

function bestCell(cells: Cell[], target: Target, traits: Traits): Cell {
  const weights = WEIGHTS[target];
  const weight = (cell: Cell) =>
    weights.reduce((sum, [name, points]) => sum + ((cell[name] ?? null) === null ? 0 : points), 0);
  const fits = (cell: Cell) =>
    weights.every(([name]) => (cell[name] ?? null) === null || cell[name] === traits[name]);
  return cells
    .filter((cell) => cell.target === target && fits(cell))
    .reduce((best, cell) => (weight(cell) > weight(best) ? cell : best));
}

function climbed(rules: Parameters, target: Target, traits: Traits, [sent, came, events]: Sizes): number[][] {
  let rest = came;
  let frames = events;
  if (traits.streaming) {
    const framing = rules.framings.find(({ family = null }) => family === null || family === traits.family);
    if (framing === undefined) throw new Error("The estimator's parameters have no framing for any family.");
    const calls = target === "output" && sent >= (framing.calls_from ?? 0) ? 1 : 0;
    const share = target === "input" ? framing.share : 1;
    rest = Math.max(0, came - framing.bytes) * share + calls * (framing.call_bytes ?? 0);
    frames = Math.max(0, events - framing.events) + calls * (framing.call_events ?? 0);
  }
  const knots = rules.knots[target];
  return [ramps(knots.request, sent), ramps(knots.response, rest), ramps(knots.events, frames)];
}

function valueAt(cell: Cell, heights: number[][]): number {
  const slopes = [cell.request ?? [], cell.response ?? [], cell.events ?? []];
  let sum = 0;
  slopes.forEach((mine, at) => {
    mine.forEach((slope, index) => {
      sum += slope * (heights[at]?.[index] ?? 0);
    });
  });
  return cell.base + sum;
}

function ramps(knots: number[], count: number): number[] {
  const at = Math.log1p(count);
  const marks = knots.map(Math.log1p);
  return marks.slice(1).map((high, index) => {
    const low = marks[index] as number;
    return Math.min(Math.max(at, low), high) - low;
  });
}

function tokens(x: number): number {
  return Math.floor(Math.max(0, Math.expm1(Math.min(x, LARGEST))) + 0.5);
}

function bounded(count: number): number {
  return Math.min(Math.max(0, count), MOST_BYTES);
}
