/** PINs (spec.md 4): derived from a keyed digest, never stored (ADR 39). portal.ts has the number of digits. */

/**
 * The first `digits` decimal digits from a MAC of at least 20 bytes, with leading zeros:
 * the dynamic truncation of RFC 4226, section 5.3.
 */
export function pinFromMac(mac: Uint8Array, digits: number): string {
  const offset = mac[mac.length - 1]! & 0x0f;
  const view = new DataView(mac.buffer, mac.byteOffset, mac.byteLength);
  const number = view.getUint32(offset) & 0x7fff_ffff;
  return String(number % 10 ** digits).padStart(digits, '0');
}

/** Whether two digests are equal, compared in constant time. */
export function digestsEqual(a: string, b: string): boolean {
  let difference = a.length ^ b.length;
  for (let i = 0; i < a.length; i++) difference |= a.charCodeAt(i) ^ b.charCodeAt(i % (b.length || 1));
  return difference === 0;
}
