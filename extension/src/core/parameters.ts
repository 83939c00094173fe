/** What the estimator is given and answers: the shapes of `toktra_wire.estimator`. */

export type Target = "input" | "output";
export type Sizes = readonly [request: number, response: number, events: number];

export interface Rule {
  has: string[];
}
export interface FamilyRule extends Rule {
  family: string;
  streaming?: boolean | null;
}
export interface ModelRule extends Rule {
  model: string;
  hides?: boolean;
}
export interface Framing {
  bytes: number;
  events: number;
  share: number;
  family?: string | null;
  calls_from?: number;
  call_bytes?: number;
  call_events?: number;
}
export interface Knots {
  request: number[];
  response: number[];
  events: number[];
}
export interface Named {
  family?: string | null;
  host?: string | null;
  streaming?: boolean | null;
  model?: string | null;
  framed?: boolean | null;
}
export interface Cell extends Named {
  target: Target;
  base: number;
  low: number;
  high: number;
  request?: number[];
  response?: number[];
  events?: number[];
}

/** All that is needed to estimate; served by the server with the device's configuration. */
export interface Parameters {
  version: string;
  hosts: string[];
  families: FamilyRule[];
  models: ModelRule[];
  hiding_hosts: string[];
  framings: Framing[];
  knots: Record<Target, Knots>;
  cells: Cell[];
}

export interface Exchange {
  host: string;
  endpoint: string | null;
  streaming: boolean | null;
  request_bytes: number;
  response_bytes: number;
  response_events?: number | null;
  model?: string | null;
}

export interface Estimate {
  input_tokens: number;
  input_low: number;
  input_high: number;
  output_tokens: number;
  output_low: number;
  output_high: number;
  version: string;
  lower_bound: boolean;
}
