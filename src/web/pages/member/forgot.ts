/** A member's forgotten password or user ID (spec.md 4 and 5). */
import { ApiProblem } from '../../api-client';
import type { Kept } from '../../cookies';
import { goTo, show, type GoTo, type Page, type Visit } from '../../page';
import type { PasswordReset } from '../../tenure';

type HeldReset = Kept<'member-reset'>;
type ResetStep = { readonly held: HeldReset; readonly reset: PasswordReset };

/** Where each stage of a reset is. */
const PAGES = {
  pin: '/member/forgot/pin',
  password: '/member/forgot/choose',
  completed: '/member/forgot/done',
  'username-shown': '/member/forgot/user-id',
} as const;
type OpenStage = keyof typeof PAGES;
const isOpenStage = (stage: string): stage is OpenStage => Object.hasOwn(PAGES, stage);

/** The browser's reset, whatever became of it; undefined if it has none, or the API does not know it any more. */
async function resetOf({ jar, tenure }: Visit): Promise<ResetStep | undefined> {
  const held = jar.get('member-reset');
  if (held === undefined) return undefined;
  try {
    return { held, reset: await tenure.reset(held) };
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'unauthorized') throw error;
    jar.clear('member-reset');
    return undefined;
  }
}

/** The browser's reset, if it is at this stage; otherwise where to go. */
async function stepAt(stage: OpenStage, visit: Visit): Promise<ResetStep | GoTo> {
  const step = await resetOf(visit);
  if (step === undefined) return goTo('/member/forgot');
  if (step.reset.stage === stage) return step;
  return goTo(isOpenStage(step.reset.stage) ? PAGES[step.reset.stage] : '/member/forgot/ended');
}

/**
 * The same for a form: it must have been shown for this very reset. Another tab may have opened another one since, and what is
 * typed here must not count as a guess there.
 */
async function formStepAt(stage: OpenStage, visit: Visit): Promise<ResetStep | GoTo> {
  const step = await stepAt(stage, visit);
  return 'goTo' in step || visit.form('reset') === step.held.id ? step : goTo(PAGES[stage]);
}

const minutesUntil = (time: string): number =>
  Math.max(1, Math.ceil((Date.parse(time) - Date.now()) / 60_000));
const secondsUntil = (time: string): number => Math.max(0, Math.ceil((Date.parse(time) - Date.now()) / 1000));

const begin: Page = {
  path: '/member/forgot',
  fields: { email: 'pages.fields.email' },

  async show(visit) {
    const { say, query, form } = visit;
    const wants = wantsOf(form('for') || query.get('for'));
    const open = await openStageOf(visit);
    const title = say(`pages.member.forgot.title-${wants}`);
    return show('member/forgot', title, { wants, goOn: open && PAGES[open] });
  },

  async act({ form, tenure, jar, once }) {
    const { id, token } = await tenure.openMemberReset({ email: form('email') }, once);
    jar.set('member-reset', { id, token, wants: wantsOf(form('for')) });
    return goTo('/member/forgot/pin');
  },
};

const wantsOf = (asked: string | null): HeldReset['wants'] => (asked === 'user-id' ? 'user-id' : 'password');

/** Undefined once it has ended, and while nobody can tell. */
async function openStageOf(visit: Visit): Promise<'pin' | 'password' | undefined> {
  try {
    const stage = (await resetOf(visit))?.reset.stage;
    return stage === 'pin' || stage === 'password' ? stage : undefined;
  } catch (error) {
    if (error instanceof ApiProblem) return undefined;
    throw error;
  }
}

const enterPin: Page = {
  path: '/member/forgot/pin',
  fields: { pin: 'pages.fields.pin' },

  async show(visit) {
    const step = await stepAt('pin', visit);
    if ('goTo' in step) return step;
    const { held, reset } = step;
    const { resendAvailableAt } = reset;
    return show('member/forgot-pin', visit.say('pages.member.forgot-pin.title'), {
      held,
      reset,
      digits: visit.facts.pin?.digits ?? 0,
      minutes: minutesUntil(reset.expiresAt),
      resendSeconds: resendAvailableAt === undefined ? null : secondsUntil(resendAvailableAt),
      resent: visit.query.get('resent') === 'yes',
    });
  },

  async act(visit) {
    const step = await formStepAt('pin', visit);
    if ('goTo' in step) return step;
    const { tenure, form, once } = visit;
    if (form('action') === 'resend') {
      await tenure.resendPin(step.held, once);
      return goTo('/member/forgot/pin?resent=yes');
    }
    await tenure.submitPin(step.held, { pin: form('pin').replaceAll(/\s/g, '') }, once);
    return goTo('/member/forgot/choose');
  },
};

const choose: Page = {
  path: '/member/forgot/choose',
  fields: { password: 'pages.fields.new-password', confirmation: 'pages.fields.confirmation' },

  async show(visit) {
    const step = await stepAt('password', visit);
    if ('goTo' in step) return step;
    const { held, reset } = step;
    return show('member/forgot-choose', visit.say('pages.member.forgot-choose.title'), {
      held,
      reset,
      minutes: minutesUntil(reset.expiresAt),
    });
  },

  async act(visit) {
    const step = await formStepAt('password', visit);
    if ('goTo' in step) return step;
    const { tenure, form, once } = visit;
    if (form('action') === 'show-user-id') {
      await tenure.showUsername(step.held, once);
      return goTo('/member/forgot/user-id');
    }
    const body = { password: form('password'), confirmation: form('confirmation') };
    await tenure.choosePassword(step.held, body, once);
    return goTo('/member/forgot/done');
  },
};

const done: Page = {
  path: '/member/forgot/done',
  async show(visit) {
    const step = await stepAt('completed', visit);
    return 'goTo' in step
      ? step
      : show('member/forgot-done', visit.say('pages.member.forgot-done.title'), step);
  },
};

const userId: Page = {
  path: '/member/forgot/user-id',
  async show(visit) {
    const step = await stepAt('username-shown', visit);
    if ('goTo' in step) return step;
    return show('member/forgot-user-id', visit.say('pages.member.forgot-user-id.title'), step);
  },
};

/** The reset expired, was given up, or has no try left. */
const ended: Page = {
  path: '/member/forgot/ended',
  async show(visit) {
    const step = await resetOf(visit);
    if (step === undefined) return goTo('/member/forgot');
    const { stage } = step.reset;
    if (isOpenStage(stage)) return goTo(PAGES[stage]);
    const why = stage === 'exhausted' ? 'exhausted' : 'over';
    return show('member/forgot-ended', visit.say(`pages.forgot-ended.title-${why}`), { why });
  },
};

export const forgotPages: readonly Page[] = [begin, enterPin, choose, done, userId, ended];
