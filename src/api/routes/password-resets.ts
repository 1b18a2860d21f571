/** A member's forgotten password, or forgotten user ID, by emailed PIN (spec.md 4). */
import {
  choosePasswordBody,
  openedPasswordReset,
  openMemberResetBody,
  passwordReset,
  resetParams,
  submitPinBody,
} from '../../contracts/http/password-reset';
import { tooManyRequests } from '../middleware/rate-limits';
import type { ApiDeps } from '../deps';
import { refuseUnusable } from '../chosen-password';
import { AppError } from '../problems';
import {
  exhausted,
  openedReset,
  pinWrong,
  requireChoosing,
  resetBody,
  resetWithUsername,
  toChosen,
} from '../reset-answers';
import { defineRoute, type Route } from '../route';

const TAG = 'Password reset';
/** Wrong PINs of everybody together: a breaker against guessing over many people at once. */
const EVERYBODY = 'everybody';

type ResetDeps = Pick<
  ApiDeps,
  'resets' | 'accounts' | 'hasher' | 'staging' | 'limiter' | 'commonPasswords' | 'newId'
>;

/** Every call of a member's reset in http-api.md. The runs themselves are driven by `deps.resets`. */
export function passwordResetRoutes(deps: ResetDeps): Route[] {
  const { resets, limiter } = deps;
  return [
    defineRoute({
      method: 'post',
      path: '/v1/portals/member/password-resets',
      tag: TAG,
      summary: 'Start a reset, or join the one that is open',
      description:
        'Emails a PIN. Whoever closed the page starts again and can still use the PIN they were sent. ' +
        'The answer is the same for addresses that nobody has.',
      limits: ['reset-openings'],
      body: openMemberResetBody,
      responses: { 202: openedPasswordReset },
      problems: ['reset_exhausted'],
      handle: async ({ body }) => {
        const result = await resets.openForMember(body.email);
        if (result.kind === 'exhausted') throw exhausted(result.retryAfterMs);
        return {
          status: 202,
          headers: { location: `/v1/password-resets/${result.reset.resetId}` },
          body: openedReset(result.reset),
        };
      },
    }),

    defineRoute({
      method: 'get',
      path: '/v1/password-resets/{id}',
      tag: TAG,
      summary: 'Where the reset stands',
      auth: 'flow-token',
      params: resetParams,
      responses: { 200: passwordReset },
      problems: [],
      handle: async ({ params, token }) => {
        const reset = await resets.look(params.id, token);
        const shown = reset.view.stage === 'username-shown';
        return { status: 200, body: shown ? await resetWithUsername(deps, reset) : resetBody(reset) };
      },
    }),

    defineRoute({
      method: 'delete',
      path: '/v1/password-resets/{id}',
      tag: TAG,
      summary: 'Give up',
      auth: 'flow-token',
      params: resetParams,
      responses: { 204: null },
      problems: [],
      handle: async ({ params, token }) => {
        await resets.cancel(params.id, token);
        return { status: 204 };
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/password-resets/{id}/pin',
      tag: TAG,
      summary: 'Prove identity with the emailed PIN',
      description: 'A PIN that an email with a newer one replaced is answered as such, and costs no try.',
      auth: 'flow-token',
      limits: ['proofs'],
      params: resetParams,
      body: submitPinBody,
      responses: { 200: passwordReset },
      problems: ['pin_wrong', 'pin_superseded', 'reset_expired', 'reset_exhausted'],
      handle: async ({ params, body, token }) => {
        const blockedMs = await limiter.blockedForMs('wrong-pins-everywhere', EVERYBODY);
        if (blockedMs !== null) throw tooManyRequests(blockedMs);
        const result = await resets.submitPin(params.id, token, body.pin);
        switch (result.kind) {
          case 'accepted':
            return { status: 200, body: resetBody(result.reset) };
          case 'wrong':
            await limiter.take('wrong-pins-everywhere', EVERYBODY);
            throw pinWrong(result.triesLeft);
          case 'superseded':
            throw new AppError('pin_superseded');
          case 'exhausted':
            throw exhausted(result.retryAfterMs);
          case 'over':
            throw new AppError('reset_expired');
        }
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/password-resets/{id}/resend',
      tag: TAG,
      summary: 'Send a new PIN',
      description:
        'From `resendAvailableAt` on. The new PIN has tries and a lifetime of its own; older ones stop counting.',
      auth: 'flow-token',
      params: resetParams,
      responses: { 202: passwordReset },
      problems: ['already_proved', 'reset_expired', 'resend_too_soon', 'reset_exhausted'],
      handle: async ({ params, token }) => {
        const result = await resets.resend(params.id, token);
        switch (result.kind) {
          case 'made':
            return { status: 202, body: resetBody(result.reset) };
          case 'too-soon':
            throw new AppError('resend_too_soon', { retryAfterSeconds: result.retryAfterMs / 1000 });
          case 'already-proved':
            throw new AppError('already_proved');
          case 'exhausted':
            throw exhausted(result.retryAfterMs);
          case 'over':
            throw new AppError('reset_expired');
        }
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/password-resets/{id}/password',
      tag: TAG,
      summary: 'Choose the new password',
      description:
        'A password that is refused uses nothing up. Once it is accepted, every session of the account ends.',
      auth: 'flow-token',
      params: resetParams,
      body: choosePasswordBody,
      responses: { 200: passwordReset },
      problems: ['password_refused', 'proof_required', 'password_not_kept', 'reset_expired'],
      handle: async ({ params, body, token }) => {
        const reset = requireChoosing(await resets.lookBeforeChoosing(params.id, token));
        const account = reset.accountId === undefined ? null : await deps.accounts.findById(reset.accountId);
        if (!account) throw new AppError('reset_expired');
        const done = await refuseUnusable(deps, account, body, reset.resetId);
        const stagedId = done ?? (await stage(reset.resetId, body.password));
        const chosen = toChosen(await resets.commitPassword(reset.resetId, token, stagedId));
        return { status: 200, body: resetBody(chosen) };
      },
    }),

    defineRoute({
      method: 'post',
      path: '/v1/password-resets/{id}/username',
      tag: TAG,
      summary: 'See the forgotten user ID instead',
      description: 'After the PIN. It ends the reset; the password stays as it is.',
      auth: 'flow-token',
      params: resetParams,
      responses: { 200: passwordReset },
      problems: ['proof_required', 'reset_expired'],
      handle: async ({ params, token }) => {
        const shown = toChosen(await resets.showUsername(params.id, token));
        return { status: 200, body: await resetWithUsername(deps, shown) };
      },
    }),
  ];

  async function stage(resetId: string, password: string): Promise<string> {
    const stagedId = deps.newId();
    await deps.staging.stage({ stagedId, resetId, hash: await deps.hasher.hash(password) });
    return stagedId;
  }
}
