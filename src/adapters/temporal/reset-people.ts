/** Who stands behind what was typed, in each portal: known or not, with the same work and the same face. */
import { createHmac } from 'node:crypto';
import { foldLastName, foldName } from '../../domain/accounts/names';
import { portalPolicies, type SecurityQuestion } from '../../domain/portal';
import { brokerResetIdentity } from '../../domain/password-reset/reset-identity';
import { ANSWER_FOLD_VERSION, type SecurityAnswer } from '../../domain/accounts/security-answers';
import { foldEmail, foldUsername, maskEmail } from '../../domain/accounts/text';
import type { AccountStore } from '../../ports/accounts';
import type { AnswerStretcher } from '../../ports/keys';
import type { BrokerDirectory, BrokerForReset } from '../../ports/registration';
import type { ResetPerson } from './password-reset-opening';
import type { ResetKeys } from './password-reset-run';

/** A member, by email address: proved by the PIN that is sent there (spec.md 4). */
export async function findMember(
  keys: ResetKeys,
  accounts: Pick<AccountStore, 'findIdByEmail'>,
  email: string,
): Promise<ResetPerson> {
  const identity = foldEmail(email);
  const digits = portalPolicies.member.pin?.digits ?? 0;
  return {
    portal: 'member',
    identity,
    accountId: await accounts.findIdByEmail('member', identity),
    page: { sentTo: maskEmail(email) },
    proofs: (resetId, howMany) =>
      Array.from({ length: howMany }, (_, index) => keys.pin(keys.currentId, resetId, index + 1, digits)),
  };
}

type ResetBrokers = Pick<BrokerDirectory, 'findForReset' | 'decoySeed'>;

export interface BrokerNames {
  readonly username: string;
  readonly firstName: string;
  readonly lastName: string;
}

/**
 * A broker, by username and both names (a previous last name too): proved by the answers to the account's questions. Whoever
 * types another name is somebody we do not know, and is asked the same questions: only the answers would show the difference.
 */
export async function findBroker(brokers: ResetBrokers, typed: BrokerNames): Promise<ResetPerson> {
  const username = foldUsername(typed.username);
  const [firstNameKey, lastNameKey] = [foldName(typed.firstName), foldLastName(typed.lastName)];
  const [account, questionIds] = await accountAndQuestions(brokers, username);
  const isOwner =
    account !== null &&
    firstNameKey !== '' &&
    account.firstNameKey === firstNameKey &&
    account.lastNameKeys.includes(lastNameKey);
  return {
    portal: 'broker',
    identity: isOwner
      ? brokerResetIdentity(account.accountId)
      : ['typed', username, firstNameKey, lastNameKey].join('\0'),
    accountId: isOwner ? account.accountId : null,
    page: { username, questionIds },
    proofs: () => [joinAnswers((account?.answers ?? []).map(({ stretched }) => stretched))],
  };
}

/** What the typed answers come to, to be compared as a proof: as much work for a username that nobody has. */
export async function proofOfAnswers(
  keys: ResetKeys,
  brokers: ResetBrokers,
  stretcher: AnswerStretcher,
  username: string,
  answers: readonly SecurityAnswer[],
): Promise<string> {
  const [account, questionIds] = await accountAndQuestions(brokers, username);
  const stretched = questionIds.map((questionId) => {
    const answer = answers.find((typed) => typed.questionId === questionId)?.answer ?? '';
    const kept = account?.answers.find((known) => known.questionId === questionId);
    return stretcher.stretch(
      answer,
      kept?.salt ?? keys.keyedDigest(`salt\0${username}\0${questionId}`),
      // Folding takes no time beside stretching, so the version of an answer does not show.
      kept?.foldVersion ?? ANSWER_FOLD_VERSION,
    );
  });
  return joinAnswers(await Promise.all(stretched));
}

/**
 * The account and its questions; for a username that nobody has two that stay the same, whatever names come with it. They depend on no
 * pepper, which is rotated, and would show by changing which questions are made up.
 */
async function accountAndQuestions(
  brokers: ResetBrokers,
  username: string,
): Promise<[BrokerForReset | null, string[]]> {
  const [account, seed] = await Promise.all([brokers.findForReset(username), brokers.decoySeed()]);
  if (account) return [account, account.answers.map(({ questionId }) => questionId)];
  const digest = createHmac('sha256', seed).update(username).digest();
  const questions = [...portalPolicies.broker.securityQuestions];
  const take = (byte: number): SecurityQuestion[] => questions.splice(byte % questions.length, 1);
  return [null, [...take(digest[0] ?? 0), ...take(digest[1] ?? 0)].map(({ id }) => id)];
}

const joinAnswers = (stretched: readonly string[]): string => stretched.join('.');
