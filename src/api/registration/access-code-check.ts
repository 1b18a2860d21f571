/**
 * Checking a last name and an access code (spec.md 2), with the same answer and work for everything that can be wrong: always one
 * try taken, one look into the directory and one digest.
 */
import { parseAccessCode, type AccessCode } from '../../domain/accounts/access-code';
import { isActiveOn } from '../../domain/plan-change/agent-standing';
import { foldAgentNumber, foldLastName, sameLastName } from '../../domain/accounts/names';
import { digestsEqual } from '../../domain/password-reset/pin';
import type { PortalPolicies } from '../../domain/portal';
import { calendarDay } from '../../domain/calendar-day';
import type { ApiDeps } from '../deps';
import { countingGuesses } from '../http/guesses';
import { tooManyRequests } from '../http/middleware/rate-limits';
import type { OpenInvitation, RegisteringAgent } from '../../ports/registration';
import { AppError } from '../http/problems';
import type { Verified } from './token';

type CheckDeps = Pick<ApiDeps, 'brokers' | 'digests' | 'limiter' | 'policies' | 'clock'>;

interface Attempt {
  readonly lastName: string;
  readonly accessCode: string;
  readonly addressKey: string;
  readonly networkKeys: readonly string[];
}

interface Match {
  readonly verified: Verified;
  readonly hasAccount: boolean;
}

/**
 * Who the name and the code stand for. Throws `AppError`: `access_code_refused` whatever was wrong, `already_registered` when
 * everything was right, and `too_many_requests` after too many wrong tries at one writing number in a day.
 */
export async function requireAccessCode(deps: CheckDeps, attempt: Attempt): Promise<Verified> {
  const { limiter } = deps;
  const code = parseAccessCode(attempt.accessCode);
  const key = triesKey(deps, code, attempt);

  const compare = async (): Promise<Match | null> => {
    // Taken before the comparison, so that many tries at once cannot outrun the counter.
    const waitMs = await limiter.take('access-codes', key);
    if (waitMs !== null) throw tooManyRequests(waitMs);
    const found = await findMatch(deps, code, attempt.lastName);
    if (found) await limiter.giveBack('access-codes', key);
    return found;
  };
  const guess = { kind: 'access-codes', networkKeys: attempt.networkKeys } as const;
  const match = await countingGuesses(limiter, guess, compare, (found) => found === null);
  if (!match) throw new AppError('access_code_refused');
  if (match.hasAccount) throw new AppError('already_registered');
  return match.verified;
}

/**
 * A verification is half an hour old at most, and much may have changed meanwhile. Throws `AppError`: `verification_expired` where the
 * roster tells other names or digits now, or would not let the agent register any more; `already_registered` where the person has.
 */
export async function requireStillVerified(
  { brokers, digests, policies }: Pick<CheckDeps, 'brokers' | 'digests' | 'policies'>,
  { agentKey, roster }: Verified,
  nowMs: number,
): Promise<void> {
  if (agentKey === null) return;
  const agent = await brokers.findAgent(agentKey);
  if (
    agent === null ||
    !mayRegister(agent, officeDay(policies, nowMs)) ||
    rosterDigest(digests, agent) !== roster
  )
    throw new AppError('verification_expired');
  if (agent.hasAccount) throw new AppError('already_registered');
}

/** Tries count for the writing number, whether anybody has it or not; at an invitation's code, which names nobody, for the address. */
function triesKey({ digests }: CheckDeps, code: AccessCode | null, attempt: Attempt): string {
  const { accessCode, addressKey } = attempt;
  if (code === null) return digests.keyedDigest(`access-code\0none\0${foldAgentNumber(accessCode)}`);
  return code.kind === 'invitation'
    ? digests.keyedDigest(`access-code\0address\0${addressKey}`)
    : digests.keyedDigest(`access-code\0agent\0${code.agentKey}`);
}

async function findMatch(deps: CheckDeps, code: AccessCode | null, lastName: string): Promise<Match | null> {
  const { brokers, digests, policies, clock } = deps;
  if (code?.kind === 'invitation') {
    const invitation = await brokers.findInvitation(digests.invitationCodeDigest(code.code), clock());
    return matchInvitation(invitation, lastName);
  }
  const { kind, agentKey, ssnLast6 } = code ?? { kind: 'agent', agentKey: '', ssnLast6: '' };
  // For unknown numbers too, because the work must not depend on whether there is an agent.
  const day = officeDay(policies, clock());
  const agent = await brokers.findAgent(agentKey);
  // An agent imported under a pepper that is not among ours cannot be compared, and looks like one we do not know.
  const pepperId = digests.ids.find((id) => id === agent?.pepperId) ?? digests.currentId;
  const digest = digests.ssnDigest(pepperId, ssnLast6);
  const isRight = [
    digestsEqual(digest, agent?.ssnDigest ?? ''),
    code !== null,
    agent?.kind === kind,
    agent?.lastNameKeys.includes(foldLastName(lastName)) === true,
    agent !== null && mayRegister(agent, day),
  ];
  return agent !== null && isRight.every(Boolean) ? matchAgent(agent, rosterDigest(digests, agent)) : null;
}

function matchInvitation(invitation: OpenInvitation | null, lastName: string): Match | null {
  if (invitation === null || !sameLastName(invitation.lastName, lastName)) return null;
  const { id, email, firstName, used } = invitation;
  return {
    verified: {
      kind: 'other',
      agentKey: null,
      invitationId: id,
      boundEmail: email,
      firstName,
      lastName: invitation.lastName,
      roster: null,
    },
    hasAccount: used,
  };
}

function matchAgent(
  { kind, agentKey, firstName, lastName, hasAccount }: RegisteringAgent,
  roster: string,
): Match {
  return {
    verified: { kind, agentKey, invitationId: null, boundEmail: null, firstName, lastName, roster },
    hasAccount,
  };
}

/** Who the roster says the agent is: what a name and a code are compared with. */
function rosterDigest(digests: CheckDeps['digests'], agent: RegisteringAgent): string {
  const { kind, agentKey, firstName, lastNameKeys, ssnDigest } = agent;
  return digests.keyedDigest(['roster', kind, agentKey, firstName, ssnDigest, ...lastNameKeys].join('\0'));
}

const mayRegister = (agent: RegisteringAgent, day: string): boolean =>
  agent.wasWelcomed && isActiveOn(agent, day);

/** In the calendar of the portal's office. */
const officeDay = ({ broker }: PortalPolicies, nowMs: number): string => calendarDay(broker.timeZone, nowMs);
