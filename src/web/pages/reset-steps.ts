/** What the resets of both portals have in common: which page shows which stage, and entering the PIN of an email (spec.md 4). */
import { ApiProblem } from '../api-client';
import type { Kept } from '../cookies';
import { goTo, show, type GoTo, type Page, type Visit } from '../page';
import type { PasswordReset } from '../tenure';
import { codeValues, withoutSpaces } from './codes';

type ResetCookie = 'member-reset' | 'broker-reset';
type Stage = PasswordReset['stage'];
type Path = Page['path'];

interface ResetPages<Name extends ResetCookie> {
  readonly cookie: Name;
  readonly begin: Path;
  /** Where each stage goes on. Resets at all others have ended. */
  readonly stages: Partial<Readonly<Record<Stage, Path | `${Path}?${string}`>>>;
  readonly ended: Path;
}

export interface ResetStep<Name extends ResetCookie> {
  readonly held: Kept<Name>;
  readonly reset: PasswordReset;
}

export interface ResetSteps<Name extends ResetCookie> {
  readonly begin: Path;
  /** The browser's reset, if it is at this stage; otherwise where to go. */
  at(stage: Stage, visit: Visit): Promise<ResetStep<Name> | GoTo>;
  /**
   * The same for a form: it must have been shown for this very reset. Another tab may have opened another one since, and what is
   * typed here must not count as a guess there.
   */
  ofForm(stage: Stage, visit: Visit): Promise<ResetStep<Name> | GoTo>;
  /** Where the browser's reset goes on; undefined if there is none, if nothing is left to do, and while nobody can tell. */
  openPage(visit: Visit): Promise<string | undefined>;
  /** Of a reset that expired, was given up, or has no try left. */
  readonly endedPage: Page;
}

export function resetSteps<Name extends ResetCookie>({
  cookie,
  begin,
  stages,
  ended,
}: ResetPages<Name>): ResetSteps<Name> {
  /** The browser's reset, whatever became of it; undefined if it has none, or the API does not know it any more. */
  async function current({ jar, tenure }: Visit): Promise<ResetStep<Name> | undefined> {
    const held = jar.get(cookie);
    if (held === undefined) return undefined;
    try {
      return { held, reset: await tenure.reset(held) };
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'unauthorized') throw error;
      jar.clear(cookie);
      return undefined;
    }
  }

  const steps: ResetSteps<Name> = {
    begin,

    async at(stage, visit) {
      const step = await current(visit);
      if (step === undefined) return goTo(begin);
      return step.reset.stage === stage ? step : goTo(stages[step.reset.stage] ?? ended);
    },

    async ofForm(stage, visit) {
      const step = await steps.at(stage, visit);
      return 'goTo' in step || visit.form('reset') === step.held.id ? step : goTo(stages[stage] ?? begin);
    },

    async openPage(visit) {
      try {
        const stage = (await current(visit))?.reset.stage;
        return stage !== undefined && OPEN.includes(stage) ? stages[stage] : undefined;
      } catch (error) {
        if (error instanceof ApiProblem) return undefined;
        throw error;
      }
    },

    endedPage: {
      path: ended,
      async show(visit) {
        const step = await current(visit);
        if (step === undefined) return goTo(begin);
        const { stage } = step.reset;
        const page = stages[stage];
        if (page !== undefined) return goTo(page);
        const why = stage === 'exhausted' ? 'exhausted' : 'over';
        return show('reset-ended', visit.say(`pages.reset-ended.title-${why}`), { why, begin });
      },
    },
  };
  return steps;
}

const OPEN: readonly Stage[] = ['pin', 'answers', 'password'];

/** Entering the PIN, and asking for a new one; `then`: where the right one leads. */
export function pinPage<Name extends ResetCookie>(path: Path, steps: ResetSteps<Name>, then: Path): Page {
  return {
    path,
    fields: { pin: 'pages.fields.pin' },

    async show(visit) {
      const step = await steps.at('pin', visit);
      if ('goTo' in step) return step;
      return show('reset-pin', visit.say('pages.reset-pin.title'), {
        ...step,
        begin: steps.begin,
        digits: visit.facts.pin?.digits ?? 0,
        ...codeValues(step.reset),
        resent: visit.query.get('resent') === 'yes',
      });
    },

    async act(visit) {
      const step = await steps.ofForm('pin', visit);
      if ('goTo' in step) return step;
      const { tenure, form, once } = visit;
      if (form('action') === 'resend') {
        await tenure.resendPin(step.held, once);
        return goTo(`${path}?resent=yes`);
      }
      await tenure.submitPin(step.held, { pin: withoutSpaces(form('pin')) }, once);
      return goTo(then);
    },
  };
}
