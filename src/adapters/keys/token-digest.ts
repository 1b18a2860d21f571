import { createHash } from 'node:crypto';

/** Digest of a random bearer token of 256 bits, which needs no key. */
export const tokenDigest = (token: string): string => createHash('sha256').update(token).digest('base64url');
