/** A forgotten password, or a member's forgotten user ID: by emailed PIN, or by security answers (spec.md 4). */
import type { z } from 'zod';
import {
  choosePasswordBody,
  openBrokerResetBody,
  openedPasswordReset,
  openMemberResetBody,
  passwordReset,
  resetParams,
  submitAnswersBody,
  submitPinBody,
} from './schemas';
import { acceptedProofs } from '../../domain/password-reset/password-reset';
import type { Language, Portal } from '../../domain/portal';
import { audited, type Subject } from '../http/audited';
import { refuseBrokenRules, refuseUsed } from '../session/chosen-password';
import type { ApiDeps } from '../deps';
import { countingGuesses } from '../http/guesses';
import type { Operation } from '../../ports/operation';
import type { ChooseResetResult, OpenResetResult, SubmitProofResult } from '../../ports/password-reset';
import { AppError } from '../http/problems';
import {
  openedReset,
  requireAskedQuestions,
  requireChoosing,
  requireDigits,
  requireReset,
  requireResetWithinLimits,
  resetBody,
  resetToHolder,
} from './answers';
import { exhausted } from './problems';
import { defineRoute, type Reply, type Route } from '../http/route';

const TAG = 'Password reset';

type ResetDeps = Pick<
  ApiDeps,
  | 'resets'
  | 'resetRecords'
  | 'accounts'
  | 'hasher'
  | 'staging'
  | 'limiter'
  | 'policies'
  | 'commonPasswords'
  | 'audit'
  | 'clock'
>;
interface Choice {
  readonly id: string;
  readonly token: string;
  readonly body: z.output<typeof choosePasswordBody>;
  readonly operation: Operation;
  readonly subject: Subject;
}
type OpenedReply = Reply<{ 202: typeof openedPasswordReset }>;

/** Every call of a reset. `deps.resets` drives the runs. */
export function passwordResetRoutes(deps: ResetDeps): Route[] {
  return [...openingRoutes(deps), ...provingRoutes(deps), ...endingRoutes(deps)];
}

function openingRoutes(deps: ResetDeps): Route[] {
  const { resets, policies } = deps;

  /** The answer is the same for unknown people. */
  const opened = (
    portal: Portal,
    { address, language }: { readonly address: string; readonly language: Language },
    open: () => Promise<OpenResetResult>,
  ): Promise<OpenedReply> =>
    audited(deps, { accepted: 'reset-opened', refused: 'reset-opened', address }, async (subject) => {
      const result = await open();
      subject.accountId = result.accountId;
      if (result.kind === 'exhausted') throw exhausted(result.retryAfterMs, policies[portal]);
      return {
        status: 202,
        headers: {
          location: `/v1/password-resets/${result.reset.resetId}`,
          'content-language': language,
        },
        body: openedReset(policies, result.reset, language),
      };
    });

  return [
    defineRoute({
      method: 'post',
      path: '/v1/portals/member/password-resets',
      tag: TAG,
      summary: 'Start a reset, or join the open one',
      description:
        'Emails a PIN. Somebody who closed the page starts again and can still use that PIN. ' +
        'The answer is the same for unknown addresses.',
      limits: ['reset-openings'],
      body: openMemberResetBody,
      responses: { 202: openedPasswordReset },
      problems: ['reset_exhausted'],
      handle: (request) =>
        opened('member', request, () => resets.openForMember(request.body.email, request.operation)),
    }),

    defineRoute({
      method: 'post',
      path: '/v1/portals/broker/password-resets',
      tag: TAG,
      summary: 'Start a broker’s reset, or join the open one',
      description:
        'Asks two security questions, or emails a PIN to the address on record, as `recovery` of the portal allows. The answer is ' +
        'the same for unknown people: an unknown username is asked two questions too, always the same ones. A person may have ' +
        'one open reset of each kind; both have one budget.',
      limits: ['reset-openings'],
      body: openBrokerResetBody,
      responses: { 202: openedPasswordReset },
      problems: ['reset_exhausted'],
      handle: async (request) => {
        const accepted = acceptedProofs(policies.broker);
        const { proof = accepted[0], ...person } = request.body;
        if (!accepted.includes(proof))
          throw new AppError('invalid_fields', { errors: [{ pointer: '/proof', code: 'not_one_of' }] });
        return opened('broker', request, () => resets.openForBroker(person, proof, request.operation));
      },
    }),

    defineRoute({
      method: 'get',
      path: '/v1/password-resets/{id}',
      tag: TAG,
      summary: 'Show the state of a reset',
      auth: 'flow-token',
      params: resetParams,
      responses: { 200: passwordReset },
      problems: [],
      handle: async ({ params, token, language }) => {
        const reset = await resets.look(params.id, token);
        return {
          status: 200,
          headers: { 'content-language': language },
          body: resetToHolder(policies, reset, language),
        };
      },
    }),

    defineRoute({
      method: 'delete',
      path: '/v1/password-resets/{id}',
      tag: TAG,
      summary: 'Cancel a reset',
      auth: 'flow-token',
      params: resetParams,
      responses: { 204: null },
      problems: [],
      handle: async ({ params, token }) => {
        await resets.cancel(params.id, token);
        return { status: 204 };
      },
    }),
  ];
}

function provingRoutes(deps: ResetDeps): Route[] {
  const { resets, limiter, policies } = deps;

  /** Evaluates nothing after too many wrong proofs from this address or in total; PINs and answers count together. */
  const unlessSlowed = (
    networkKeys: readonly string[],
    submit: () => Promise<SubmitProofResult>,
  ): Promise<SubmitProofResult> =>
    countingGuesses(limiter, { kind: 'proofs', networkKeys }, submit, ({ kind }) => kind === 'wrong');

  const proving = { accepted: 'proof-accepted', refused: 'proof-refused' } as const;

  return [
    defineRoute({
      method: 'post',
      path: '/v1/password-resets/{id}/pin',
      tag: TAG,
      summary: 'Prove identity with the emailed PIN',
      description: 'A PIN that was replaced by a newer one gets its own answer and costs no try.',
      auth: 'flow-token',
      limits: ['proofs'],
      params: resetParams,
      body: submitPinBody,
      responses: { 200: passwordReset },
      problems: ['pin_wrong', 'pin_superseded', 'wrong_proof', 'reset_expired', 'reset_exhausted'],
      handle: ({ params, body, token, language, address, networkKeys, operation }) =>
        audited(deps, { ...proving, address }, async (subject) => {
          const result = await unlessSlowed(networkKeys, async () => {
            requireDigits(policies, resets.readToken(params.id, token), body.pin);
            return resets.submitPin(params.id, token, body.pin, operation);
          });
          subject.accountId = result.accountId;
          const { portal } = resets.readToken(params.id, token);
          const proved = requireResetWithinLimits(result, 'pin', policies[portal]);
          return { status: 200, body: resetBody(policies, proved, language) };
        }),
    }),

    defineRoute({
      method: 'post',
      path: '/v1/password-resets/{id}/answers',
      tag: TAG,
      summary: 'Prove identity with the answers to both questions',
      description: 'Both are compared together; the answer does not say which was wrong.',
      auth: 'flow-token',
      limits: ['proofs'],
      params: resetParams,
      body: submitAnswersBody,
      responses: { 200: passwordReset },
      problems: ['answers_wrong', 'wrong_proof', 'reset_expired', 'reset_exhausted'],
      handle: ({ params, body: { answers }, token, language, address, networkKeys, operation }) =>
        audited(deps, { ...proving, address }, async (subject) => {
          const result = await unlessSlowed(networkKeys, async () => {
            requireAskedQuestions(resets.readToken(params.id, token), answers);
            return resets.submitAnswers(params.id, token, answers, operation);
          });
          subject.accountId = result.accountId;
          const proved = requireResetWithinLimits(result, 'answers', policies.broker);
          return { status: 200, body: resetBody(policies, proved, language) };
        }),
    }),

    defineRoute({
      method: 'post',
      path: '/v1/password-resets/{id}/resend',
      tag: TAG,
      summary: 'Send a new PIN',
      description:
        'Possible from `resendAvailableAt` on. The new PIN has its own tries and lifetime; older ones become invalid.',
      auth: 'flow-token',
      params: resetParams,
      responses: { 202: passwordReset },
      problems: ['already_proved', 'wrong_proof', 'reset_expired', 'resend_too_soon', 'reset_exhausted'],
      handle: async ({ params, token, language, operation }) => {
        const result = await resets.resend(params.id, token, operation);
        const { portal } = resets.readToken(params.id, token);
        const reset = requireResetWithinLimits(result, 'pin', policies[portal]);
        return { status: 202, body: resetBody(policies, reset, language) };
      },
    }),
  ];
}

function endingRoutes(deps: ResetDeps): Route[] {
  const { resets, policies } = deps;
  return [
    defineRoute({
      method: 'post',
      path: '/v1/password-resets/{id}/password',
      tag: TAG,
      summary: 'Choose the new password',
      description:
        'A password that breaks the portal’s rule costs nothing. One that is compared with earlier ones does: after a few the reset is ' +
        'over. When it is accepted, every session of the account ends; the answer to a broker includes the username.',
      auth: 'flow-token',
      params: resetParams,
      body: choosePasswordBody,
      responses: { 200: passwordReset },
      problems: ['password_refused', 'proof_required', 'password_not_kept', 'reset_expired'],
      handle: ({ params: { id }, body, token, language, address, operation }) =>
        // The statement that commits audits a success.
        audited(deps, { refused: 'password-reset', address }, async (subject) => {
          // First of all: once it is committed, the reset is over and the password counts as used before.
          const found = operation.isRepeated ? await resets.findCommit(id, token, operation) : null;
          const chosen = requireReset(found ?? (await choose({ id, token, body, operation, subject })));
          return { status: 200, body: resetToHolder(policies, chosen, language) };
        }),
    }),

    defineRoute({
      method: 'post',
      path: '/v1/password-resets/{id}/username',
      tag: TAG,
      summary: 'Show the forgotten user ID instead',
      description: 'For members, after the PIN. It ends the reset; the password is unchanged.',
      auth: 'flow-token',
      params: resetParams,
      responses: { 200: passwordReset },
      problems: ['proof_required', 'wrong_proof', 'reset_expired'],
      handle: async ({ params, token, language, operation }) => {
        const shown = requireReset(await resets.showUsername(params.id, token, operation));
        return { status: 200, body: resetToHolder(policies, shown, language) };
      },
    }),
  ];

  async function choose({ id, token, body, operation, subject }: Choice): Promise<ChooseResetResult> {
    // Ask the run first: nothing is compared for a page that may not choose.
    const { accountId, portal, username } = requireChoosing(await resets.look(id, token));
    subject.accountId = accountId;
    if (accountId === undefined || username === undefined) throw new AppError('reset_expired');
    refuseBrokenRules(deps, { portal, username }, body);
    await requireChoiceLeft(portal, id, token);
    const done = await refuseUsed(deps, { id: accountId, portal }, body.password, id);
    const stagedId = done ?? operation.idFor('staged password');
    // An already staged hash stays: it is of the same password, with another salt.
    if (done === null)
      await deps.staging.stage({ stagedId, resetId: id, hash: await deps.hasher.hash(body.password) });
    return resets.commitPassword(id, token, stagedId, operation);
  }

  /** Taken before the comparison, so that concurrent choices cannot exceed the limit. With none left, the reset ends. */
  async function requireChoiceLeft(portal: Portal, resetId: string, token: string): Promise<void> {
    const { choicesPerReset } = policies[portal];
    if (await deps.resetRecords.takeChoice(resetId, choicesPerReset)) return;
    await resets.cancel(resetId, token);
    throw new AppError('reset_expired');
  }
}
