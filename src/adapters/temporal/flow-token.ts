/**
 * A page's hold on a run. The token is sealed (AES-GCM) and names its own reset, so no table of tokens is needed;
 * the run learns only the digest of the random part, and only when it matters who asked (ADR 3).
 */
import { z } from 'zod';
import { portalPolicies, type Portal } from '../../domain/portal';
import type { TokenDigests } from '../../ports/keys';

const PURPOSE = 'flow-token';

/** Stands for no reset. */
export const NO_RESET = '00000000-0000-0000-0000-000000000000';

const portals = Object.keys(portalPolicies) as [Portal, ...Portal[]];

const flowSchema = z.object({
  portal: z.enum(portals),
  resetId: z.string(),
  subjectKey: z.string(),
  /** The reset that this one's run came after, as `passwordResetId` takes it; of one length, so that the token tells nothing. */
  after: z.string().default(NO_RESET),
  runId: z.string(),
  pepperId: z.string(),
  /** What the page shows of the address that was typed. */
  sentTo: z.string().optional(),
  /** Brokers: whose questions are asked, as typed, and which they are. */
  username: z.string().optional(),
  questionIds: z.array(z.string()).optional(),
  /** How many digits the reset's PINs have: as it was opened, whatever the policy says by now. Of earlier builds: not told. */
  pinDigits: z.number().optional(),
  /** Nobody's to guess: what makes one page's token differ from another's. */
  nonce: z.string(),
});

export type Flow = z.output<typeof flowSchema>;

export function sealFlow(tokens: TokenDigests, flow: Flow): string {
  return tokens.seal(PURPOSE, JSON.stringify(flow));
}

/** The flow that `token` holds; null when it was not made here. */
export function openFlow(tokens: TokenDigests, token: string): Flow | null {
  const json = tokens.open(PURPOSE, token);
  return json === null ? null : flowSchema.parse(JSON.parse(json));
}
