/** Finds the person for typed values, in each portal. Known and unknown people cost the same work and get the same answer. */
import { createHmac } from 'node:crypto';
import { foldLastName, foldName } from '../../domain/accounts/names';
import type { ProofKind } from '../../domain/password-reset/password-reset';
import type { Portal, SecurityQuestion } from '../../domain/portal';
import { brokerResetIdentity } from '../../domain/password-reset/reset-identity';
import { ANSWER_FOLD_VERSION, type SecurityAnswer } from '../../domain/accounts/security-answers';
import { foldEmail, foldUsername, maskEmail } from '../../domain/accounts/text';
import type { BrokerForReset } from '../../ports/registration';
import type { ResetPerson } from './password-reset-opening';
import type { PasswordResetStarterDeps } from './password-reset-run';

/** A member, by email address; the proof is the emailed PIN (spec.md 4). */
export async function findMember(
  deps: Pick<PasswordResetStarterDeps, 'keys' | 'accounts' | 'policies'>,
  email: string,
): Promise<ResetPerson> {
  const identity = foldEmail(email);
  return {
    portal: 'member',
    proof: 'pin',
    identity,
    accountId: await deps.accounts.findIdByEmail('member', identity),
    page: { sentTo: maskEmail(email) },
    proofs: pinsOf(deps, 'member'),
  };
}

type BrokerDeps = Pick<PasswordResetStarterDeps, 'brokers' | 'policies'>;

export interface BrokerNames {
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
}

/**
 * A broker, by username and both names (or a previous last name); the proof is the answers to the account's questions, or the PIN
 * emailed to the address on record. With any other name the person is unknown and gets the same questions, or no email: only the proof
 * would show the difference. The budget is the person's, whatever the proof.
 */
export async function findBroker(
  deps: BrokerDeps & Pick<PasswordResetStarterDeps, 'keys'>,
  typed: BrokerNames,
  proof: ProofKind,
): Promise<ResetPerson> {
  const username = foldUsername(typed.username);
  const [firstNameKey, lastNameKey] = [foldName(typed.firstName), foldLastName(typed.lastName)];
  const [account, questionIds] = await accountAndQuestions(deps, username);
  const isOwner =
    account !== null &&
    firstNameKey !== '' &&
    account.firstNameKey === firstNameKey &&
    account.lastNameKeys.includes(lastNameKey);
  const answers = (account?.answers ?? []).map(({ stretched }) => stretched);
  return {
    portal: 'broker',
    proof,
    identity: isOwner
      ? brokerResetIdentity(account.accountId)
      : ['typed', username, firstNameKey, lastNameKey].join('\0'),
    accountId: isOwner ? account.accountId : null,
    // No address: a masked one would tell who has an account.
    page: proof === 'answers' ? { username, questionIds } : {},
    proofs: proof === 'answers' ? () => [joinAnswers(answers)] : pinsOf(deps, 'broker'),
  };
}

const pinsOf =
  ({ keys, policies }: Pick<PasswordResetStarterDeps, 'keys' | 'policies'>, portal: Portal) =>
  (resetId: string, howMany: number): readonly string[] =>
    Array.from({ length: howMany }, (_, index) =>
      keys.pin(keys.currentId, resetId, index + 1, policies[portal].pin?.digits ?? 0),
    );

/** The digest of the typed answers, to be compared as a proof. An unknown username costs the same work. */
export async function proofOfAnswers(
  deps: BrokerDeps & Pick<PasswordResetStarterDeps, 'keys' | 'stretcher'>,
  username: string,
  answers: readonly SecurityAnswer[],
): Promise<string> {
  const { keys, stretcher } = deps;
  const [account, questionIds] = await accountAndQuestions(deps, username);
  const stretched = questionIds.map((questionId) => {
    const answer = answers.find((typed) => typed.questionId === questionId)?.answer ?? '';
    const kept = account?.answers.find((known) => known.questionId === questionId);
    return stretcher.stretch(
      answer,
      kept?.salt ?? keys.keyedDigest(`salt\0${username}\0${questionId}`),
      // Folding is negligible compared with stretching, so timing does not reveal an answer's version.
      kept?.foldVersion ?? ANSWER_FOLD_VERSION,
    );
  });
  return joinAnswers(await Promise.all(stretched));
}

/**
 * The account and its questions; for an unknown username two constant ones, whatever the names. They depend on no
 * pepper: peppers are rotated, and changing questions would be recognised as decoys.
 */
async function accountAndQuestions(
  { brokers, policies }: BrokerDeps,
  username: string,
): Promise<[BrokerForReset | null, string[]]> {
  const [account, seed] = await Promise.all([brokers.findForReset(username), brokers.decoySeed()]);
  if (account) return [account, account.answers.map(({ questionId }) => questionId)];
  const digest = createHmac('sha256', seed).update(username).digest();
  const questions = [...policies.broker.securityQuestions];
  const take = (byte: number): SecurityQuestion[] => questions.splice(byte % questions.length, 1);
  return [null, [...take(digest[0] ?? 0), ...take(digest[1] ?? 0)].map(({ id }) => id)];
}

const joinAnswers = (stretched: readonly string[]): string => stretched.join('.');
