/** Every page of the web in every state, for pictures, checks and `npm run brand -- preview`: the pages' own code, in front of a sample API. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { Express } from 'express';
import { pino } from 'pino';
import {
  portalFactsIn,
  textIn,
  type Language,
  type Portal,
  type PortalPolicies,
  type Terms,
} from '../../domain/portal';
import { sayIn, type Say, type Texts } from '../../ports/texts';
import { ApiProblem, type SendCall } from '../api-client';
import { createWebApp } from '../app';
import { createAssets, type Look } from '../assets';
import { cookieHeader } from '../cookies';
import type { WebDeps } from '../deps';
import { createViews } from '../views';
import { brokerSamples } from './broker-samples';
import { errorSamples } from './error-samples';
import { memberSamples } from './member-samples';
import { Refused, STATUSES, type Refusal, type SamplePage } from './sample';

/** What pages have of a brand. */
export interface SampleBrand extends Look {
  readonly texts: Texts;
  readonly policies: PortalPolicies;
  readonly terms: Readonly<Record<Portal, Terms>>;
  readonly viewFolders: readonly string[];
}

export interface SampleSite {
  /** In an order that stays. Each call has them as if they began now. */
  samples(): readonly SamplePage[];
  /** The page as a browser gets it, and its view. Throws what a view throws, and for a page that is not shown at all. */
  show(sample: SamplePage, language: Language): Promise<{ readonly html: string; readonly view: string }>;
  /** Answers what the pages load: styles, scripts and the logo, at `/assets`. */
  readonly app: Express;
}

/** Nothing in a sample is secret. */
const SEALS: WebDeps['seals'] = {
  seal: (_purpose, value) => Buffer.from(value).toString('base64url'),
  open: (_purpose, sealed) => Buffer.from(sealed, 'base64url').toString(),
};
const CURRENT_BROWSER = 'Firefox/140.0';

export function createSampleSite(brand: SampleBrand): SampleSite {
  const { texts, policies, viewFolders: folders } = brand;
  const assets = createAssets(brand);
  const views = createViews({ folders, texts, assets: assets.addresses });
  const factsOf = (portal: Portal, language: Language) => portalFactsIn(policies[portal], language);
  const appOf = ({ maintenance, ...more }: Pick<WebDeps, 'send' | 'views' | 'maintenance'>): Express =>
    createWebApp({
      ...more,
      maintenance,
      // Whoever only tells people of maintenance has never asked.
      facts: {
        of: async (portal, language) => factsOf(portal, language),
        known: (portal, language) => (maintenance ? undefined : factsOf(portal, language)),
      },
      assets,
      texts,
      seals: SEALS,
      logger: pino({ enabled: false }),
      requestLog: [(_req, _res, next) => next()],
      trustProxy: false,
    });
  return {
    samples: () =>
      [...errorSamples, ...memberSamples(), ...brokerSamples(policies)].filter(
        ({ isThere }) => isThere?.(policies) ?? true,
      ),
    app: appOf({ send: sampleApi({ path: '/', state: '' }, brand), views, maintenance: false }),

    async show(sample, language) {
      let failure: unknown;
      let view = '';
      const watch =
        <What>(viewOf: (what: What) => string, render: (what: What) => string) =>
        (what: What): string => {
          view = viewOf(what);
          try {
            return render(what);
          } catch (error) {
            failure = error;
            throw error;
          }
        };
      const watched = {
        page: watch(({ answer }) => answer.view, views.page),
        error: watch(() => 'error', views.error),
        start: watch(() => 'start', views.start),
      };
      const send = sampleApi(sample, brand);
      const app = appOf({ send, views: watched, maintenance: sample.maintenance ?? false });
      const { status, html } = await ask(app, sample, language);
      if (failure !== undefined) throw failure as Error;
      const expected = sample.status ?? (sample.sent ? 422 : 200);
      if (status !== expected) throw new Error(`it answers ${status} instead of ${expected}`);
      return { html, view };
    },
  };
}

/** What the application answers to what the browser of a sample sends. No network is used. */
function ask(
  app: Express,
  sample: SamplePage,
  language: Language,
): Promise<{ status: number; html: string }> {
  const { path, sent, cookies = {}, userAgent = CURRENT_BROWSER, fromAnotherSite = false } = sample;
  const request = Object.assign(new IncomingMessage(new Socket()), {
    method: sent || fromAnotherSite ? 'POST' : 'GET',
    url: `${path}${path.includes('?') ? '&' : '?'}lang=${language}`,
    headers: {
      'user-agent': userAgent,
      cookie: cookieHeader(cookies, SEALS.seal),
      'sec-fetch-site': fromAnotherSite ? 'cross-site' : 'same-origin',
    },
    // As if it had been read and parsed.
    body: sent?.form,
  });
  return new Promise((resolve, reject) => {
    const response = new ServerResponse(request);
    response.end = (html?: unknown) => {
      resolve({ status: response.statusCode, html: String(html) });
      return response;
    };
    app(request as never, response as never, reject);
  });
}

/** The API, as far as the sample needs it. */
const sampleApi =
  ({ known = {}, sent }: SamplePage, { texts, terms }: SampleBrand): SendCall =>
  async ({ language }, { method, path }) => {
    const say = sayIn(texts, language);
    const [, portal] = /^\/v1\/portals\/(member|broker)\/terms$/.exec(path) ?? [];
    if (portal !== undefined) {
      const { text, ...current } = terms[portal as Portal];
      return { status: 200, body: { ...current, text: textIn(text, language) } };
    }
    const answer = known[`${method} ${path}`];
    if (answer instanceof Refused) throw problemOf(answer.refusal, texts, language, say);
    if (answer instanceof Error) throw answer;
    if (answer !== undefined)
      return { status: 200, body: typeof answer === 'function' ? answer(language) : answer };
    if (sent !== undefined && method !== 'GET') throw problemOf(sent.refused, texts, language, say);
    throw new ApiProblem({ status: 401, code: 'unauthorized', title: '', detail: '' });
  };

function problemOf(
  { code, errors = [], more, retryAfterSeconds }: Refusal,
  texts: Texts,
  language: Language,
  say: Say,
): ApiProblem {
  return new ApiProblem({
    status: STATUSES[code],
    code,
    title: say(`problems.${code}.title`),
    detail: [say(`problems.${code}.detail`), ...(more ? [more(say)] : [])].join(' '),
    errors: errors.map(([pointer, wrong, values = {}]) => ({
      pointer,
      code: wrong,
      detail: String(texts.lookUp(language, `fields.${wrong}`, values)),
    })),
    ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }),
  });
}
