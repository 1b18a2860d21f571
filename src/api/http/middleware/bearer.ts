import type { Request } from 'express';
import { AppError } from '../problems';

/** The token of `Authorization: Bearer ...` (RFC 6750). Throws `AppError('unauthorized')` if there is none. */
export function bearerToken(req: Request): string {
  const token = /^Bearer +([A-Za-z0-9._~+/-]{1,4096}=*)$/i.exec(req.headers.authorization ?? '')?.[1];
  if (token === undefined) throw new AppError('unauthorized');
  return token;
}
