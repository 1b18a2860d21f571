/** Makes Express handlers of pages. */
import { createHmac, randomUUID } from 'node:crypto';
import type { Express, Request, RequestHandler, Response } from 'express';
import { PORTALS, type Portal } from '../domain/portal';
import { ApiProblem, type Problem } from './api-client';
import { sessionCookie } from './cookies';
import type { WebDeps } from './deps';
import { answerStatus, renderError } from './errors';
import {
  goTo,
  portalOf,
  type GoTo,
  type Page,
  type Shown,
  type SignedInVisit,
  type Visit,
  type Visitor,
} from './page';
import { secondsLeft } from './session-left';
import { tenureFor, type Session, type Tenure } from './tenure';
import { visitorOf } from './visitor';

type Answering = (visit: SignedInVisit) => Promise<Shown | GoTo>;

export function mountPages(app: Express, pages: readonly Page[], deps: WebDeps): void {
  for (const page of pages) {
    const route = app.route(page.path);
    route.get(handlerOf(page, deps, (visit) => page.show(visit)));
    const { act } = page;
    if (act) route.post(handlerOf(page, deps, (visit) => act(visit), true));
    route.all((req, res) => {
      res.set('Allow', act ? 'GET, HEAD, POST' : 'GET, HEAD');
      renderError(deps, req, res, 405);
    });
  }
}

/**
 * For the script that warns before a session ends: how many seconds it lasts without use (`null`: for ever), 401 if it is over.
 * `stay` is a use of it, `left` is none.
 */
export function mountSession(app: Express, deps: WebDeps): void {
  for (const portal of PORTALS) {
    const answer =
      (look: (tenure: Tenure, token: string) => Promise<Session>): RequestHandler =>
      async (req, res) => {
        const { jar, tenure } = callerOf(req, res, deps);
        const token = jar.get(sessionCookie(portal));
        try {
          if (token === undefined) res.status(401).json({});
          else res.json({ seconds: secondsLeft(await look(tenure, token)) });
        } catch (error) {
          if (!(error instanceof ApiProblem)) throw error;
          res.status(error.problem.status).json({});
        }
      };
    app.get(
      `/${portal}/session/left`,
      answer((tenure, token) => tenure.peekAtSession(token)),
    );
    app.post(
      `/${portal}/session/stay`,
      answer((tenure, token) => tenure.session(token)),
    );
  }
}

function handlerOf(page: Page, deps: WebDeps, answering: Answering, explains = false): RequestHandler {
  const portal = portalOf(page.path) ?? 'member';
  return async (req, res) => {
    const plain = await visitOf(req, res, portal, deps);
    const visit = page.signedIn ? await signedInVisit(plain, portal) : plain;
    if ('goTo' in visit) {
      res.redirect(303, visit.goTo);
      return;
    }
    // A page that is not for people who are signed in does not look for a session.
    const answered = answerOrExplain(page, visit as SignedInVisit, answering, explains);
    const { answer, problem } = await (page.signedIn ? unlessSessionEnds(answered, visit, portal) : answered);
    if ('goTo' in answer) {
      res.redirect(303, answer.goTo);
      return;
    }
    if (problem?.retryAfterSeconds !== undefined) res.set('Retry-After', String(problem.retryAfterSeconds));
    res.status(answer.status ?? (problem ? answerStatus(problem) : 200)).type('html');
    res.send(deps.views.page({ req, visit, page, portal, answer, problem }));
  };
}

function callerOf(req: Request, res: Response, deps: WebDeps): Visitor & { readonly tenure: Tenure } {
  const visitor = visitorOf(req, res, deps);
  const { language } = visitor;
  const requestId = res.get('x-request-id') ?? '';
  return { ...visitor, tenure: tenureFor(deps.send, { language, address: req.ip ?? '', requestId }) };
}

async function visitOf(req: Request, res: Response, portal: Portal, deps: WebDeps): Promise<Visit> {
  const caller = callerOf(req, res, deps);
  const { language, tenure } = caller;
  const sent = (req.body ?? {}) as Readonly<Record<string, unknown>>;
  const form = (name: string): string => {
    const value = Object.hasOwn(sent, name) ? sent[name] : '';
    return typeof value === 'string' ? value : '';
  };
  return {
    ...caller,
    form,
    once: onceOf(form('once'), sent),
    facts: await deps.facts.of(portal, language, tenure),
    userAgent: req.get('user-agent') ?? '',
  };
}

/** The same form with other content, sent from a page that was kept or gone back to, is something else. */
const onceOf = (mark: string, sent: object): string =>
  createHmac('sha256', mark || randomUUID())
    .update(JSON.stringify(sent))
    .digest('base64url');

/** Whoever is not signed in, or no more, signs in first. */
async function signedInVisit(visit: Visit, portal: Portal): Promise<SignedInVisit | GoTo> {
  const token = visit.jar.get(sessionCookie(portal));
  if (token === undefined) return goTo(`/${portal}/sign-in`);
  try {
    return { ...visit, token, session: await visit.tenure.session(token) };
  } catch (error) {
    return signInAgain(error, visit, portal);
  }
}

/** The session may be ended elsewhere between two calls of one page. */
const unlessSessionEnds = (answered: Promise<Answered>, visit: Visit, portal: Portal): Promise<Answered> =>
  answered.catch((error: unknown) => ({ answer: signInAgain(error, visit, portal) }));

/** Where to go once the API does not know the session any more. Throws every other error. */
function signInAgain(error: unknown, { jar }: Visit, portal: Portal): GoTo {
  if (!(error instanceof ApiProblem) || error.problem.code !== 'unauthorized') throw error;
  jar.clear(sessionCookie(portal));
  return goTo(`/${portal}/sign-in?ended=yes`);
}

interface Answered {
  readonly answer: Shown | GoTo;
  readonly problem?: Problem;
}

/** The page again, with the reason, if the API refuses what was sent. */
async function answerOrExplain(
  page: Page,
  visit: SignedInVisit,
  answering: Answering,
  explains: boolean,
): Promise<Answered> {
  try {
    return { answer: await answering(visit) };
  } catch (error) {
    if (!(error instanceof ApiProblem) || !explains) throw error;
    const { problem } = error;
    return { answer: await page.show({ ...visit, problem }), problem };
  }
}
