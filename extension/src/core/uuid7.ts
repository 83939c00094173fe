/** Event ids: UUIDv7 (RFC 9562, 5.7), made where the event is made. */

/** 48 bits of milliseconds, then random bits with version and variant in their places. */
export function uuid7(
  now: number,
  random: Uint8Array<ArrayBuffer> = crypto.getRandomValues(new Uint8Array(16)),
): string {
  const bytes = random.slice(0, 16);
  for (let at = 0; at < 6; at++) bytes[at] = Math.floor(now / 2 ** (8 * (5 - at))) % 256;
  bytes[6] = 0x70 | ((bytes[6] ?? 0) & 0x0f);
  bytes[8] = 0x80 | ((bytes[8] ?? 0) & 0x3f);
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
}

export function isUuid(text: unknown): text is string {
  return typeof text === "string" && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text);
}
