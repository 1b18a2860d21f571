/** Makes Express handlers of pages. */
import { randomUUID } from 'node:crypto';
import type { Express, Request, RequestHandler, Response } from 'express';
import type { Portal } from '../domain/portal';
import { ApiProblem, type Problem } from './api-client';
import { sessionCookie } from './cookies';
import type { WebDeps } from './deps';
import { answerStatus, renderError } from './errors';
import { goTo, portalOf, type GoTo, type Page, type Shown, type SignedInVisit, type Visit } from './page';
import { tenureFor } from './tenure';
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
    const { answer, problem } = await answerOrExplain(page, visit as SignedInVisit, answering, explains);
    if ('goTo' in answer) {
      res.redirect(303, answer.goTo);
      return;
    }
    if (problem?.retryAfterSeconds !== undefined) res.set('Retry-After', String(problem.retryAfterSeconds));
    res.status(answer.status ?? (problem ? answerStatus(problem) : 200)).type('html');
    res.send(deps.views.page({ req, visit, page, portal, answer, problem }));
  };
}

async function visitOf(req: Request, res: Response, portal: Portal, deps: WebDeps): Promise<Visit> {
  const visitor = visitorOf(req, res, deps);
  const { language } = visitor;
  const requestId = res.get('x-request-id') ?? '';
  const tenure = tenureFor(deps.send, { language, address: req.ip ?? '', requestId });
  const sent = (req.body ?? {}) as Readonly<Record<string, unknown>>;
  const form = (name: string): string => {
    const value = Object.hasOwn(sent, name) ? sent[name] : '';
    return typeof value === 'string' ? value : '';
  };
  return {
    ...visitor,
    form,
    tenure,
    once: /^[\w-]{1,64}$/.test(form('once')) ? form('once') : randomUUID(),
    facts: await deps.facts.of(portal, language, tenure),
    userAgent: req.get('user-agent') ?? '',
  };
}

/** Whoever is not signed in, or no more, signs in first. */
async function signedInVisit(visit: Visit, portal: Portal): Promise<SignedInVisit | GoTo> {
  const token = visit.jar.get(sessionCookie(portal));
  if (token === undefined) return goTo(`/${portal}/sign-in`);
  try {
    return { ...visit, token, session: await visit.tenure.session(token) };
  } catch (error) {
    if (!(error instanceof ApiProblem) || error.problem.code !== 'unauthorized') throw error;
    visit.jar.clear(sessionCookie(portal));
    return goTo(`/${portal}/sign-in?ended=yes`);
  }
}

/** The page again, with the reason, if the API refuses what was sent. */
async function answerOrExplain(
  page: Page,
  visit: SignedInVisit,
  answering: Answering,
  explains: boolean,
): Promise<{ readonly answer: Shown | GoTo; readonly problem?: Problem }> {
  try {
    return { answer: await answering(visit) };
  } catch (error) {
    if (!(error instanceof ApiProblem) || !explains) throw error;
    const { problem } = error;
    return { answer: await page.show({ ...visit, problem }), problem };
  }
}
