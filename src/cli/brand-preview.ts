/** `npm run brand -- preview`: every email and page of a folder in a browser, as the folder is now. Without network, and for this machine only. */
import { createServer, type Server } from 'node:http';
import {
  BrandError,
  DEFAULT_FOLDER,
  describeFinding,
  fingerprintOf,
  loadBrand,
  type Brand,
} from '../adapters/brand/load-brand';
import { sampleEmails, type SampleEmail } from '../adapters/mail/sample-emails';
import { createEmailTemplates } from '../adapters/mail/templates';
import type { Language } from '../domain/portal';
import type { WrittenEmail } from '../ports/mail';
import { createSampleSite, type SampleSite } from '../web/samples/sample-site';
import { page, PREVIEW_CSS, PREVIEW_JS, type Chosen, type Look } from './brand-preview-page';

const OWN = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'";
const CLOSED = "base-uri 'none'; form-action 'none'";
const PREVIEW_CSP = `${OWN}; frame-src 'self'; ${CLOSED}; frame-ancestors 'none'`;
/** As the pages' own, but for the frame that they are in, and forms, which would lead nowhere. */
const PAGE_CSP = `${OWN}; img-src 'self'; ${CLOSED}; frame-ancestors 'self'`;
/** Emails have their styles inside, and no scripts. */
const EMAIL_CSP = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; ${CLOSED}; frame-ancestors 'self'`;

interface Seen extends Look {
  /** Undefined for a folder that is wrong. */
  readonly web?: { readonly brand: Brand; readonly site: SampleSite };
}

type Answer = readonly [status: number, type: string, body: string, policy?: string];
const NOT_FOUND: Answer = [404, 'text/plain', 'Not found\n'];

/** Ready to listen. The folder is read again whenever a file of it, or of ours, has changed. */
export function createPreview(folder: string | undefined): Server {
  let last: Seen | undefined;
  const look = (): Seen => {
    // Before the folder is read: what changes meanwhile is seen the next time.
    const fingerprint = currentFingerprint(folder);
    return (last = last?.fingerprint === fingerprint ? last : lookAt(folder, fingerprint));
  };
  const answer = async ({ pathname, searchParams }: URL): Promise<Answer> => {
    switch (pathname) {
      case '/': {
        const seen = look();
        return [200, 'text/html', page(seen, await choiceOf(seen, searchParams))];
      }
      case '/fingerprint':
        return [200, 'text/plain', currentFingerprint(folder)];
      case '/preview.css':
        return [200, 'text/css', PREVIEW_CSS];
      case '/preview.js':
        return [200, 'text/javascript', PREVIEW_JS];
      // What a page of somebody who is signed in asks for: this session never ends.
      case '/member/session/left':
      case '/broker/session/left':
        return [200, 'application/json', '{"seconds":null}'];
    }
    const [, what, index, language = ''] = /^\/(emails|pages)\/(\d+)\/([a-z]+)$/.exec(pathname) ?? [];
    const { emails, web } = look();
    if (what === 'emails') {
      const email = emails[Number(index)]?.languages.get(language);
      return typeof email === 'object' ? [200, 'text/html', email.html, EMAIL_CSP] : NOT_FOUND;
    }
    const sample =
      what === 'pages' && web?.brand.languages.includes(language) && web.site.samples()[Number(index)];
    return web && sample
      ? [200, 'text/html', (await web.site.show(sample, language)).html, PAGE_CSP]
      : NOT_FOUND;
  };
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://preview');
    const assets = url.pathname.startsWith('/assets/') ? look().web?.site.app : undefined;
    if (assets !== undefined) {
      assets(request, response);
      return;
    }
    // What cannot be shown is told by the page around it.
    const respond = async (): Promise<void> => {
      const [status, type, body, policy = PREVIEW_CSP] = await answer(url).catch(() => NOT_FOUND);
      response
        .writeHead(status, {
          'content-type': `${type}; charset=utf-8`,
          'content-security-policy': policy,
          'cache-control': 'no-store',
          'x-content-type-options': 'nosniff',
        })
        .end(body);
    };
    void respond();
  });
}

/** `?page=3` or `?email=3`; the first email otherwise. */
async function choiceOf({ emails, web }: Seen, asked: URLSearchParams): Promise<Chosen> {
  const index = Number(asked.get('page') ?? NaN);
  const sample = web?.site.samples()[index];
  if (web === undefined || sample === undefined) {
    const email = Number(asked.get('email') ?? 0);
    return { email: emails[email] === undefined ? 0 : email };
  }
  const shown = web.brand.languages.map(async (language) => {
    const made = await web.site.show(sample, language).catch(({ message }: Error) => message);
    return [language, made] as const;
  });
  return { page: index, languages: new Map(await Promise.all(shown)) };
}

/** A constant while the folder cannot be read. */
function currentFingerprint(folder: string | undefined): string {
  try {
    return fingerprintOf(folder);
  } catch {
    return 'unreadable';
  }
}

function lookAt(folder: string | undefined, fingerprint: string): Seen {
  try {
    const brand = loadBrand(folder ?? DEFAULT_FOLDER);
    const samples = sampleEmails(createEmailTemplates(brand), brand.policies);
    const kinds = samples.map(({ kind }) => kind);
    const emails = samples
      .toSorted((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind))
      .map(({ kind, state, write }) => ({
        kind,
        state,
        languages: new Map(brand.languages.map((language) => [language, written(write, language)])),
      }));
    const site = createSampleSite(brand);
    return { fingerprint, emails, pages: site.samples(), findings: [], web: { brand, site } };
  } catch (error) {
    const findings =
      error instanceof BrandError ? error.findings.map(describeFinding) : [(error as Error).message];
    return { fingerprint, emails: [], pages: [], findings };
  }
}

/** A value that a template names and nobody gives is only found by writing. */
function written(write: SampleEmail['write'], language: Language): WrittenEmail | string {
  try {
    return write(language);
  } catch (error) {
    return (error as Error).message;
  }
}
