/** What the page of devices shows, as its URL says it. */

import { maybeOneOf, oneOf, text, viewOf } from "@/lib/view";
import type { Device } from "./queries";

export type Tab = "devices" | "tokens";
export type DevicesView = {
  tab: Tab;
  status: Device["status"] | undefined;
  q: string | undefined;
  user: string | undefined;
};

export const readDevicesView = viewOf<DevicesView>({
  tab: oneOf(["devices", "tokens"]),
  status: maybeOneOf(["enrolled", "pending", "expired", "revoked"]),
  q: text,
  user: text,
});
