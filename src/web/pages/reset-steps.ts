/** What the resets of both portals have in common: which page shows which stage, and entering the PIN of an email (spec.md 4). */
import { ApiProblem } from '../api-client';
import type { Kept } from '../cookies';
import { goTo, show, type GoTo, type Page, type Visit } from '../page';
import type { PasswordReset } from '../tenure';
import { codeValues, withoutSpaces } from './codes';

type ResetCookie = 'member-reset' | 'broker-reset';
type Stage = PasswordReset['stage'];
type Told = NonNullable<Kept<ResetCookie>['told']>;
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
  /** Keeps how the reset stands, as a call has just told: the page that it leads to need not ask. */
  keep(visit: Visit, held: Omit<Kept<Name>, 'told'>, reset: PasswordReset): void;
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
  /**
   * The browser's reset, whatever became of it; undefined if it has none, or the API does not know it any more. The API is asked
   * unless what it told before is enough.
   */
  async function current(
    { jar, tenure }: Visit,
    isEnough: (told: Told) => boolean = () => false,
  ): Promise<ResetStep<Name> | undefined> {
    const held = jar.get(cookie);
    if (held === undefined) return undefined;
    if (held.told && isEnough(held.told)) return { held, reset: held.told.reset };
    try {
      return { held, reset: await tenure.reset(held) };
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.problem.code !== 'unauthorized') throw error;
      jar.clear(cookie);
      return undefined;
    }
  }

  const ifAt = (stage: Stage, step: ResetStep<Name> | undefined): ResetStep<Name> | GoTo => {
    if (step === undefined) return goTo(begin);
    return step.reset.stage === stage ? step : goTo(stages[step.reset.stage] ?? ended);
  };

  const steps: ResetSteps<Name> = {
    begin,

    keep({ jar, language }, held, reset) {
      jar.set(cookie, { ...held, told: { reset, language, at: Date.now() } } as Kept<Name>);
    },

    async at(stage, visit) {
      const isEnough = (told: Told) =>
        told.reset.stage === stage && isNew(told.at) && told.language === visit.language && !visit.problem;
      return ifAt(stage, await current(visit, isEnough));
    },

    async ofForm(stage, visit) {
      // It may stand otherwise by now: then the API refuses what is done to it.
      const step = ifAt(stage, await current(visit, (told) => told.reset.stage === stage));
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

/** As long as a browser takes to follow to the next page. */
const NEW_MS = 5_000;
const isNew = (at: number): boolean => Math.abs(Date.now() - at) < NEW_MS;

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
        steps.keep(visit, step.held, await tenure.resendPin(step.held, once));
        return goTo(`${path}?resent=yes`);
      }
      const body = { pin: withoutSpaces(form('pin')) };
      steps.keep(visit, step.held, await tenure.submitPin(step.held, body, once));
      return goTo(then);
    },
  };
}
