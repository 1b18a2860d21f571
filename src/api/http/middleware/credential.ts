import type { Request } from 'express';
import type { ApiDeps } from '../../deps';
import type { AnyCredential, Auth } from '../route';
import { requireApiKey } from './api-key';
import { bearerToken } from './bearer';
import { requireSession } from './session';

/** What the request's bearer token represents on a route with `auth`. Throws `AppError`: `unauthorized`, `scope_missing`. */
export async function credentialOf(
  deps: ApiDeps,
  auth: Auth | undefined,
  req: Request,
  address: string,
): Promise<AnyCredential> {
  if (auth === undefined) return {};
  const token = bearerToken(req);
  if (auth === 'flow-token') return { token };
  if (auth === 'session') {
    const query = new URLSearchParams(req.url.split('?')[1] ?? '');
    return { session: await requireSession(deps, token, query.get('peek') === 'true') };
  }
  return { key: await requireApiKey(deps, token, auth, address) };
}
