/**
 * The token between a verified access code and the account. It is sealed (AES-GCM) and says what was verified, so nothing is kept;
 * it works once because the database lets one agent, one person and one invitation make one account.
 */
import { z } from 'zod';
import type { PortalPolicies } from '../../domain/portal';
import { MINUTE_MS } from '../../domain/time';
import type { TokenDigests } from '../../ports/keys';
import { AppError } from '../http/problems';

const PURPOSE = 'broker-registration';

const verifiedSchema = z.object({
  kind: z.enum(['agent', 'corporation', 'other']),
  agentKey: z.string().nullable(),
  invitationId: z.string().nullable(),
  /** The address that an invitation belongs to: the account's, whatever else is typed. */
  boundEmail: z.string().nullable(),
  firstName: z.string(),
  lastName: z.string(),
  /** Agents and corporations: a digest of what the roster told when the code was verified; null for an invitation. */
  roster: z.string().nullable().default(null),
});

const sealedSchema = verifiedSchema.extend({ expiresAtMs: z.number() });

/** Who proved to be whom. */
export type Verified = z.output<typeof verifiedSchema>;

/** Good for the portal's `verificationMinutes` from `nowMs` (spec.md 2). */
export function sealVerified(
  { digests, policies }: { readonly digests: TokenDigests; readonly policies: PortalPolicies },
  verified: Verified,
  nowMs: number,
): { readonly token: string; readonly expiresAtMs: number } {
  const expiresAtMs = nowMs + policies.broker.verificationMinutes * MINUTE_MS;
  return { token: digests.seal(PURPOSE, JSON.stringify({ ...verified, expiresAtMs })), expiresAtMs };
}

/** Throws `AppError`: `unauthorized` for a token that was not made here for this, `verification_expired` for one that is over. */
export function requireVerified(digests: TokenDigests, token: string, nowMs: number): Verified {
  const json = digests.open(PURPOSE, token);
  if (json === null) throw new AppError('unauthorized');
  const { expiresAtMs, ...verified } = sealedSchema.parse(JSON.parse(json));
  if (nowMs >= expiresAtMs) throw new AppError('verification_expired');
  return verified;
}
