/**
 * A page's token for a run. It is sealed (AES-GCM) and names its own reset, so no table of tokens is needed;
 * the run learns only the digest of the random part, and only when it matters who asked (ADR 1).
 */
import { z } from 'zod';
import type { ProofKind } from '../../domain/password-reset/password-reset';
import { PORTALS } from '../../domain/portal';
import type { TokenDigests } from '../../ports/keys';

const PURPOSE = 'flow-token';

/** Stands for no reset. */
export const NO_RESET = '00000000-0000-0000-0000-000000000000';

const flowSchema = z.object({
  portal: z.enum(PORTALS),
  resetId: z.string(),
  subjectKey: z.string(),
  /** The reset that this one's run came after, as `passwordResetId` takes it; of fixed length, so that the token's length reveals nothing. */
  after: z.string().default(NO_RESET),
  runId: z.string(),
  pepperId: z.string(),
  /** The typed address as the page shows it. */
  sentTo: z.string().optional(),
  /** For brokers: the typed username, and its questions. */
  username: z.string().optional(),
  questionIds: z.array(z.string()).optional(),
  /** The number of digits of the reset's PINs when it was opened. Absent in tokens of earlier builds. */
  pinDigits: z.number().optional(),
  /** What the reset is proved with. Absent in tokens of earlier builds: members had PINs, brokers answers. */
  proof: z.enum(['pin', 'answers']).optional(),
  /** Random and unguessable: distinguishes one page's token from another's. */
  nonce: z.string(),
});

export type Flow = z.output<typeof flowSchema> & { readonly proof: ProofKind };

export function sealFlow(tokens: TokenDigests, flow: Flow): string {
  return tokens.seal(PURPOSE, JSON.stringify(flow));
}

/** The flow in `token`; null if it was not sealed here. */
export function openFlow(tokens: TokenDigests, token: string): Flow | null {
  const json = tokens.open(PURPOSE, token);
  if (json === null) return null;
  const flow = flowSchema.parse(JSON.parse(json));
  return { ...flow, proof: flow.proof ?? (flow.portal === 'member' ? 'pin' : 'answers') };
}
