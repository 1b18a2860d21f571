/** Renders pages with Nunjucks and the components of govuk-frontend. */
import { randomUUID } from 'node:crypto';
import { dirname } from 'node:path';
import type { Request } from 'express';
import { Environment, FileSystemLoader, runtime } from 'nunjucks';
import type { Portal } from '../domain/portal';
import type { Texts } from '../ports/texts';
import type { Problem } from './api-client';
import { fieldErrors } from './field-errors';
import { htmlOf } from './markdown';
import type { ErrorStatus, Page, Shown, Visit, Visitor } from './page';
import { secondsLeft } from './session-left';
import type { PortalFacts, Session } from './tenure';

interface PageToRender {
  readonly req: Request;
  readonly visit: Visit;
  readonly page: Page;
  readonly portal: Portal;
  readonly answer: Shown;
  readonly problem?: Problem | undefined;
}

interface ErrorToRender {
  readonly visitor: Visitor;
  readonly portal: Portal | undefined;
  /** As far as they are known. */
  readonly facts: PortalFacts | undefined;
  readonly text: `${ErrorStatus}` | 'maintenance';
}

export interface Views {
  page(what: PageToRender): string;
  error(what: ErrorToRender): string;
  start(visitor: Visitor): string;
}

/** `secondsLeft`: until it ends without use; null if it does not. */
const sessionValues = (session: Session) => ({ session, secondsLeft: secondsLeft(session) });

/** What is typed here is never sent back. */
const SECRET = /password|confirmation|^pin$|code$/i;

const GOVUK = dirname(require.resolve('govuk-frontend/dist/govuk/template.njk'));

/** `folders`: the first one that has a view counts. `assets`: addresses of what browsers load, by name. */
export function createViews({
  folders,
  texts,
  assets,
}: {
  readonly folders: readonly string[];
  readonly texts: Texts;
  readonly assets: Readonly<Record<string, string>>;
}): Views {
  const environment = new Environment(new FileSystemLoader([...folders, GOVUK]), {
    autoescape: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  environment.addGlobal('assets', assets);
  environment.addFilter('markdown', (text: string) => new runtime.SafeString(htmlOf(text)));

  const render = (
    view: string,
    { language, query }: Pick<Visitor, 'language' | 'query'>,
    values: Readonly<Record<string, unknown>>,
  ): string => {
    const inPortal = (iso: string, format: Intl.DateTimeFormatOptions) =>
      new Intl.DateTimeFormat(String(texts.lookUp(language, 'language.locale', {})), {
        ...format,
        timeZone: (values['facts'] as PortalFacts | undefined)?.timeZone ?? 'UTC',
      }).format(new Date(iso));
    return environment.render(`${view}.njk`, {
      ...values,
      language,
      languages: texts.languages.map((each) => ({
        language: each,
        name: texts.lookUp(each, 'language.name', {}),
        // Of this very page, without its path: one that begins with // would be another site's address.
        href: `?${new URLSearchParams({ ...Object.fromEntries(query), lang: each }).toString()}`,
      })),
      /** A day with its time, and a day, as people of the portal read them. */
      time: (iso: string) => inPortal(iso, { dateStyle: 'medium', timeStyle: 'short' }),
      day: (iso: string) => inPortal(iso, { dateStyle: 'long' }),
      // A text may use every value that its page has.
      t: (key: string, more: Readonly<Record<string, unknown>> = {}) =>
        texts.lookUp(language, key, { ...values, ...more }),
    });
  };

  return {
    page({ req, visit, page, portal, answer, problem }) {
      const { language, facts, form } = visit;
      const fields = Object.keys(page.fields ?? {});
      const typed = Object.fromEntries(
        fields.filter((name) => !SECRET.test(name)).map((name) => [name, form(name)]),
      );
      return render(answer.view, visit, {
        portal,
        facts,
        title: answer.title,
        path: req.path,
        // The same form again finds what its first sending did, if nobody could tell.
        mark: (problem !== undefined && problem.status >= 500 && form('once')) || randomUUID(),
        ...('session' in visit ? sessionValues(visit.session as Session) : {}),
        ...answer.values,
        typed: {
          ...(answer.values['typed'] as object | undefined),
          ...(req.method === 'POST' ? typed : {}),
        },
        labels: Object.fromEntries(
          Object.entries(page.fields ?? {}).map(([name, key]) => [name, texts.lookUp(language, key, {})]),
        ),
        errors: problem === undefined ? [] : fieldErrors(problem, page, language, texts),
      });
    },

    error: ({ visitor, portal, facts, text }) =>
      render(
        'error',
        { language: visitor.language, query: new URLSearchParams() },
        {
          portal,
          facts,
          title: visitor.say(`pages.errors.${text}.title`),
          detail: visitor.say(`pages.errors.${text}.detail`),
          errors: [],
        },
      ),

    start: (visitor) => render('start', visitor, { title: visitor.say('pages.start.title'), errors: [] }),
  };
}
