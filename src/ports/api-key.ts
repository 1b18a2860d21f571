/** Keys of systems and staff. */
import type { Scope } from '../contracts/scopes';

export interface ApiKeyHolder {
  readonly id: string;
  readonly name: string;
  readonly scopes: readonly Scope[];
  readonly staffNumber: string | null;
}

export interface ApiKeys {
  /** The key's holder, unless it was revoked. Audits the use, the caller's address, and whether the key had any of the scopes. */
  findByDigest(
    tokenDigest: string,
    nowMs: number,
    use: { readonly scopes: readonly Scope[]; readonly address: string },
  ): Promise<ApiKeyHolder | null>;
}
