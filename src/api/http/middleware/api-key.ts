import type { ApiDeps } from '../../deps';
import type { ApiKeyHolder } from '../../../ports/api-key';
import { AppError } from '../problems';
import type { ApiKeyAuth } from '../route';

/**
 * The holder of the key `token`. Throws `AppError`: `unauthorized` for no key or a revoked one, `scope_missing` for one without
 * any of the scopes.
 */
export async function requireApiKey(
  { apiKeys, digests, clock }: Pick<ApiDeps, 'apiKeys' | 'digests' | 'clock'>,
  token: string,
  { apiKey: scopes }: ApiKeyAuth,
  address: string,
): Promise<ApiKeyHolder> {
  const holder = await apiKeys.findByDigest(digests.tokenDigest(token), clock(), { scopes, address });
  if (!holder) throw new AppError('unauthorized');
  if (!scopes.some((scope) => holder.scopes.includes(scope))) throw new AppError('scope_missing');
  return holder;
}
