/** As much of DER (X.690) as a signing request needs: tags, lengths, and two ways to write a number. */

export type Bytes = Uint8Array<ArrayBuffer>;

enum Tag {
  Integer = 0x02,
  Bits = 0x03,
  Utf8 = 0x0c,
  Sequence = 0x30,
  Set = 0x31,
  Attributes = 0xa0,
}

export const sequence = (...parts: Bytes[]) => tagged(Tag.Sequence, ...parts);
export const set = (...parts: Bytes[]) => tagged(Tag.Set, ...parts);
export const attributes = (...parts: Bytes[]) => tagged(Tag.Attributes, ...parts);
export const utf8 = (text: string) => tagged(Tag.Utf8, new TextEncoder().encode(text));
export const bits = (bytes: Bytes) => tagged(Tag.Bits, Uint8Array.of(0), bytes);

/** An unsigned number: without leading zeros, with one before a high bit. */
export function integer(bytes: Bytes): Bytes {
  let start = 0;
  while (start < bytes.length - 1 && bytes[start] === 0) start++;
  const short = bytes.slice(start);
  return tagged(Tag.Integer, ...((short[0] ?? 0) & 0x80 ? [Uint8Array.of(0)] : []), short);
}

function tagged(tag: Tag, ...parts: Bytes[]): Bytes {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return joined(Uint8Array.of(tag, ...lengthOf(length)), ...parts);
}

function lengthOf(length: number): number[] {
  if (length < 0x80) return [length];
  return length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
}

function joined(...parts: Bytes[]): Bytes {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
