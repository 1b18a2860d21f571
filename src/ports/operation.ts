/** What a request does, under ids that stay the same when it is repeated with its `Idempotency-Key` (ADR 29). */
import { createHash } from 'node:crypto';

export interface Operation {
  /** An earlier request with the same key and body got no final answer: its work may have been done. */
  readonly isRepeated: boolean;
  /** A UUID for something the request creates or asks for: the same for each repetition, different for another request. */
  idFor(what: string): string;
}

/** The operation with this id, a random UUID that is never shown outside. */
export function operationOf(operationId: string, isRepeated = false): Operation {
  return {
    isRepeated,
    idFor(what) {
      const bytes = createHash('sha256').update(`${operationId}\0${what}`).digest().subarray(0, 16);
      // Version 8, variant 1 (RFC 9562): an application-defined UUID.
      bytes[6] = (bytes[6]! & 0x0f) | 0x80;
      bytes[8] = (bytes[8]! & 0x3f) | 0x80;
      return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
    },
  };
}
