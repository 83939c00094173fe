/** Where devices and enrolment tokens stand, in words. Pure. */

import type { Device, EnrollmentToken } from "./queries";

export type Said = { word: string; color: string; about?: string };

export const DEVICE_STATUSES: Record<Device["status"], string> = {
  enrolled: "Enrolled",
  pending: "Pending",
  expired: "Expired",
  revoked: "Revoked",
};

const DEVICE: Record<Device["status"], Said> = {
  enrolled: { word: "Enrolled", color: "teal" },
  pending: { word: "Pending", color: "gray", about: "A place is reserved, and no device has come yet." },
  expired: {
    word: "Expired",
    color: "yellow",
    about: "Its certificate has ended. It enrols again, with a new enrolment token.",
  },
  revoked: { word: "Revoked", color: "red", about: "It was put out for good." },
};

const SILENT: Said = { word: "Silent", color: "yellow", about: "Enrolled, and not heard of for 24 hours." };

export function deviceStanding(device: Pick<Device, "status" | "silent">): Said {
  return device.silent ? SILENT : DEVICE[device.status];
}

export type TokenState = "open" | "used" | "expired" | "revoked";

export const TOKEN: Record<TokenState, Said> = {
  open: { word: "Open", color: "teal" },
  used: { word: "Used up", color: "gray", about: "It has let in as many devices as it may." },
  expired: { word: "Expired", color: "gray" },
  revoked: { word: "Revoked", color: "red" },
};

/** Whether a token lets in another device, and if not, why. */
export function tokenState(
  token: Pick<EnrollmentToken, "revoked_at" | "expires_at" | "uses" | "max_uses">,
  now: number,
): TokenState {
  if (token.revoked_at !== null) return "revoked";
  if (token.uses >= token.max_uses) return "used";
  return Date.parse(token.expires_at) <= now ? "expired" : "open";
}
