/** A page as a declaration: its path, its fields, what it shows, and what its form does. `mount.ts` makes Express handlers of it. */
import type { Language, Portal } from '../domain/portal';
import type { Say, TextKey } from '../ports/texts';
import type { Problem } from './api-client';
import type { Jar } from './cookies';
import type { PortalFacts, Session, Tenure } from './tenure';

/** What every page knows of a request, also one that says that something is wrong. */
export interface Visitor {
  readonly language: Language;
  readonly say: Say;
  readonly query: URLSearchParams;
  readonly jar: Jar;
}

/** One request of one person. */
export interface Visit extends Visitor {
  /** What was typed, by the name of a field; an empty string for what was not sent. */
  readonly form: (name: string) => string;
  readonly tenure: Tenure;
  /** The same for each sending of one form with the same content: what it does is done once. */
  readonly once: string;
  /** The rules and texts of the portal, as the API gives them. */
  readonly facts: PortalFacts;
  readonly userAgent: string;
  /** Why the form that was sent is shown again. */
  readonly problem?: Problem | undefined;
}

/** A visit of somebody who is signed in. */
export interface SignedInVisit extends Visit {
  readonly session: Session;
  /** The session's. */
  readonly token: string;
}

/** A view and its values. */
export interface Shown {
  readonly view: string;
  /** Of the step: in the tab, and as the heading. */
  readonly title: string;
  readonly values: Readonly<Record<string, unknown>>;
  /** Other than 200, or 422 after a refusal. */
  readonly status?: number;
}

/** 303, to a path of these pages: never to anything that came with a request. */
export interface GoTo {
  readonly goTo: string;
}

/** Of a page about what went wrong: each has a title and a sentence in the catalogs, `pages.errors.<status>`. */
export type ErrorStatus = 400 | 403 | 404 | 405 | 413 | 429 | 500 | 503;

interface PageFacts {
  readonly path: `/${Portal}/${string}`;
  /** Labels of the form's fields, in the order of the page: what the API refuses is shown beside them. */
  readonly fields?: Readonly<Record<string, TextKey>>;
  /** Names on the page of what has another name in the API, by its JSON Pointer. */
  readonly pointers?: Readonly<Record<string, string>>;
}

interface PageOf<V extends Visit> extends PageFacts {
  /** Also after a refusal, with `visit.problem`. */
  show(visit: V): Promise<Shown | GoTo>;
  /** What the form does. A refusal (`ApiProblem`) shows the page again. */
  act?(visit: V): Promise<Shown | GoTo>;
}

export type Page =
  ({ readonly signedIn?: false } & PageOf<Visit>) | ({ readonly signedIn: true } & PageOf<SignedInVisit>);

export const portalOf = (path: string): Portal | undefined =>
  /^\/(member|broker)(\/|$)/.exec(path)?.[1] as Portal | undefined;

export const show = (view: string, title: string, values: Shown['values'] = {}): Shown => ({
  view,
  title,
  values,
});

export const goTo = (path: `/${string}`): GoTo => ({ goTo: path });
