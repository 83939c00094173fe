/** How large what a page sends is: lengths, never the thing itself. */

/** Bytes of a text as it is sent. */
export function textBytes(text: string): number {
  return new Blob([text]).size;
}

/** Bytes of a body, where they can be told at once; null for a form or a stream. */
export function bytesOf(body: unknown): number | null {
  if (body === null || body === undefined) return 0;
  if (typeof body === "string") return textBytes(body);
  if (body instanceof Blob) return body.size;
  if (body instanceof ArrayBuffer || ArrayBuffer.isView(body)) return body.byteLength;
  if (body instanceof URLSearchParams) return body.toString().length;
  return null;
}

/** Bytes of a form as it would be sent: the browser makes it into one piece, and says how large that is. */
export async function formBytes(body: unknown): Promise<number> {
  return body instanceof FormData ? (await new Response(body).blob()).size : 0;
}
