/** The shapes that cross the network: as `toktra_wire` and the API have them. Nothing else is ever sent. */

import type { Parameters } from "./estimator";

export type Decision = "allow" | "warn" | "block";

/** What leaves the browser for one request (UsageEvent of toktra_wire). */
export interface UsageEvent {
  id: string;
  occurred_at: string;
  provider_host: string;
  request_bytes: number;
  response_bytes: number;
  estimated_input_tokens: number;
  estimated_output_tokens: number;
  endpoint: string;
  source: "extension";
  application: string;
  estimator_version: string;
  input_low: number;
  input_high: number;
  output_low: number;
  output_high: number;
  model?: string;
  streaming?: boolean;
  duration_ms?: number;
  hold_id?: string;
}

export interface Enforcement {
  preflight: boolean;
  when_unsure: Decision;
}

/** The answer of GET /v1/devices/me/config. */
export interface DeviceConfig {
  hosts: { pattern: string; provider: string }[];
  estimator: Parameters;
  intervals: { events_seconds: number; config_seconds: number; events_per_batch: number };
  enforcement: Enforcement;
  certificate_not_after: string;
}

/** The body of POST /v1/preflight. */
export interface PreflightAsk {
  key: string;
  provider: string;
  model?: string;
  estimated_tokens: number;
  estimated_output_tokens: number;
}

/** Of an item of GET /v1/devices/me/exemptions, what is shown. */
export interface Exemption {
  id: string;
  status: "pending" | "approved" | "denied" | "expired";
  tokens: number;
  used_tokens: number;
  ends_at: string;
  notes: string | null;
}

/** The answer of POST /v1/preflight. */
export interface PreflightAnswer {
  decision: Decision;
  reason: string;
  message: string;
  budget_name: string | null;
  remaining_tokens: number | null;
  missing_tokens: number | null;
  resets_at: string | null;
  hold_id: string | null;
  approvers: string[];
  exemption_url: string | null;
}
