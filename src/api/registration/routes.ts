/** Registering for the broker portal: the access code first, then the account (spec.md 2). */
import { checkRegistrationBody, registerBody, registered, verification, verifyBody } from './schemas';
import { requireAccessCode, requireStillVerified } from './access-code-check';
import { audited } from '../http/audited';
import { isoTime } from '../http/fields';
import type { ApiDeps } from '../deps';
import type { AnswerStretcher, StretchedAnswer } from '../../ports/keys';
import type { RegistrationRefusal } from '../../ports/registration';
import { AppError } from '../http/problems';
import { requireUsableFields } from './fields';
import { requireVerified, sealVerified } from './token';
import { defineRoute, type Route } from '../http/route';
import { ANSWER_FOLD_VERSION, type SecurityAnswer } from '../../domain/accounts/security-answers';

const TAG = 'Broker accounts';
const REFUSALS = [
  'unauthorized',
  'already_registered',
  'username_taken',
  'verification_expired',
  'password_refused',
] as const;

type RegistrationDeps = Pick<
  ApiDeps,
  | 'accounts'
  | 'brokers'
  | 'registrations'
  | 'notices'
  | 'digests'
  | 'limiter'
  | 'hasher'
  | 'stretcher'
  | 'policies'
  | 'commonPasswords'
  | 'audit'
  | 'clock'
>;

/** Both steps of a registration. */
export function brokerRegistrationRoutes(deps: RegistrationDeps): Route[] {
  const { accounts, digests, registrations, notices, hasher, stretcher, clock } = deps;
  return [
    defineRoute({
      method: 'post',
      path: '/v1/portals/broker/registrations/verifications',
      tag: TAG,
      summary: 'Verify a last name and an access code',
      description:
        'A writing number allows few wrong tries a day. The answer does not say what was wrong. A person who has an account, at any ' +
        'company, is told to sign in.',
      limits: ['proofs'],
      body: verifyBody,
      responses: { 200: verification },
      problems: ['access_code_refused', 'already_registered'],
      handle: ({ body, address, addressKey, networkKeys }) =>
        audited(
          deps,
          { accepted: 'access-code-accepted', refused: 'access-code-refused', address },
          async () => {
            const verified = await requireAccessCode(deps, { ...body, addressKey, networkKeys });
            const { token, expiresAtMs } = sealVerified(deps, verified, clock());
            return { status: 200, body: { token, kind: verified.kind, expiresAt: isoTime(expiresAtMs) } };
          },
        ),
    }),

    defineRoute({
      method: 'post',
      path: '/v1/portals/broker/registrations/checks',
      tag: TAG,
      summary: 'Check what was typed, before the terms are accepted',
      description:
        'Refuses what the registration would refuse now, with the same answers. It creates nothing, keeps nothing, and does not ' +
        'use up the token.',
      body: checkRegistrationBody,
      responses: { 204: null },
      problems: REFUSALS,
      handle: ({ body, address }) =>
        audited(deps, { refused: 'registration-refused', address }, async () => {
          const atMs = clock();
          const verified = requireVerified(digests, body.token, atMs);
          requireUsableFields(deps, body, verified);
          await requireStillVerified(deps, verified, atMs);
          const { agentKey, invitationId } = verified;
          const { username } = body;
          const refusal = await registrations.check({ agentKey, invitationId, username, atMs });
          if (refusal !== null) throw refused(refusal);
          return { status: 204 };
        }),
    }),

    defineRoute({
      method: 'post',
      path: '/v1/portals/broker/registrations',
      tag: TAG,
      summary: 'Create the account',
      description:
        'Needs the token of a verification: 401 if it is not genuine, 410 if it has expired. A refused registration does not ' +
        'use up the token; a successful one does. The agent is notified by email at the roster’s address.',
      body: registerBody,
      responses: { 201: registered },
      problems: REFUSALS,
      handle: ({ body, address, language, operation }) =>
        // The transaction that creates the account audits a success.
        audited(deps, { refused: 'registration-refused', address }, async () => {
          const accountId = operation.idFor('account');
          const made = operation.isRepeated ? await accounts.findById(accountId) : null;
          if (made !== null) return { status: 201, body: { account: made } };

          const atMs = clock();
          const verified = requireVerified(digests, body.token, atMs);
          const { phone } = requireUsableFields(deps, body, verified);
          const [passwordHash, answers] = await Promise.all([
            hasher.hash(body.password),
            stretchAll(stretcher, body.securityAnswers),
          ]);

          // Right before the write, because hashing takes a while.
          await requireStillVerified(deps, verified, atMs);

          const { kind, agentKey, invitationId, firstName, lastName } = verified;
          const { username, email, termsVersion } = body;
          const credentialId = operation.idFor('credential');
          const account = { accountId, credentialId, username, email, phone, language };
          // Before the write: the agent is notified at the roster's address, whatever address was typed here.
          const { isRepeated } = operation;
          if (agentKey !== null) await notices.announceRegistered({ accountId, atMs, isRepeated });
          const result = await registrations.create({
            kind,
            agentKey,
            invitationId,
            firstName,
            lastName,
            ...account,
            passwordHash,
            answers,
            termsVersion,
            atMs,
            address,
          });
          if (result !== 'created') throw refused(result);
          return { status: 201, body: { account: { id: accountId, username, firstName } } };
        }),
    }),
  ];
}

function refused(refusal: RegistrationRefusal): AppError {
  switch (refusal) {
    case 'invitation-over':
      return new AppError('verification_expired');
    case 'already-registered':
      return new AppError('already_registered');
    case 'username-taken':
      return new AppError('username_taken');
  }
}

/** Each answer has its own salt, so that equal answers of two people have different hashes. */
function stretchAll(
  stretcher: AnswerStretcher,
  answers: readonly SecurityAnswer[],
): Promise<StretchedAnswer[]> {
  return Promise.all(
    answers.map(async ({ questionId, answer }) => {
      const salt = stretcher.newSalt();
      const stretched = await stretcher.stretch(answer, salt, ANSWER_FOLD_VERSION);
      return { questionId, salt, stretched, foldVersion: ANSWER_FOLD_VERSION };
    }),
  );
}
