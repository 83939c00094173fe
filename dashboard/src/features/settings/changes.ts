/** What a form about the organisation asks of the server. Pure. */

import { fieldErrors, reasonOf } from "@/api/act";
import { ApiError, type Schemas } from "@/api/client";

export type Editable = Pick<Schemas["OrganizationAnswer"], "name" | "time_zone">;

/** Only what differs: a name can be changed although the time zone cannot any more. */
export function changesOf(before: Editable, after: Editable): Schemas["OrganizationChange"] {
  const name = after.name.trim();
  return {
    ...(name !== before.name && { name }),
    ...(after.time_zone !== before.time_zone && { time_zone: after.time_zone }),
  };
}

/** A time zone that stays is a conflict, which names no field but says the zone. */
export function refusals(failed: unknown): Record<string, string> {
  const fixed = failed instanceof ApiError && failed.code === "conflict" && "time_zone" in failed.details;
  return fixed ? { time_zone: reasonOf(failed) } : fieldErrors(failed);
}

/** Every time zone that the browser knows, UTC, and the present one. */
export function timeZones(present: string): string[] {
  return [...new Set([...Intl.supportedValuesOf("timeZone"), "UTC", present])].sort();
}
