/** `npm run brand -- preview`: every email of a folder in a browser, as the folder is now. Without network, and for this machine only. */
import { createServer, type Server } from 'node:http';
import { BrandError, describeFinding, fingerprintOf, loadBrand } from '../adapters/brand/load-brand';
import { sampleEmails, type SampleEmail } from '../adapters/mail/sample-emails';
import { createEmailTemplates } from '../adapters/mail/templates';
import type { RenderedEmail } from '../adapters/mail/templates/render';
import type { Language } from '../domain/portal';
import { page, PREVIEW_CSS, PREVIEW_JS, type Look } from './brand-preview-page';

const OWN = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; frame-src 'self'";
const CLOSED = "base-uri 'none'; form-action 'none'";
const PAGE_CSP = `${OWN}; ${CLOSED}; frame-ancestors 'none'`;
/** Emails have their styles inside, and no scripts. */
const EMAIL_CSP = `default-src 'none'; style-src 'unsafe-inline'; img-src data:; ${CLOSED}; frame-ancestors 'self'`;

/** Ready to listen. The folder is read again whenever a file of it, or of ours, has changed. */
export function createPreview(folder: string | undefined): Server {
  let last: Look | undefined;
  const look = (): Look => {
    // Before the folder is read: what changes meanwhile is seen the next time.
    const fingerprint = currentFingerprint(folder);
    return (last = last?.fingerprint === fingerprint ? last : lookAt(folder, fingerprint));
  };
  const answer = (url: URL): readonly [status: number, type: string, body: string] => {
    switch (url.pathname) {
      case '/':
        return [200, 'text/html', page(look(), Number(url.searchParams.get('email') ?? 0))];
      case '/fingerprint':
        return [200, 'text/plain', currentFingerprint(folder)];
      case '/preview.css':
        return [200, 'text/css', PREVIEW_CSS];
      case '/preview.js':
        return [200, 'text/javascript', PREVIEW_JS];
    }
    const [, index, language] = /^\/emails\/(\d+)\/([a-z]+)$/.exec(url.pathname) ?? [];
    const email = look().emails[Number(index)]?.languages.get(language ?? '');
    return typeof email === 'object' ? [200, 'text/html', email.html] : [404, 'text/plain', 'Not found\n'];
  };
  return createServer((request, response) => {
    const url = new URL(request.url ?? '/', 'http://preview');
    const [status, type, body] = answer(url);
    response
      .writeHead(status, {
        'content-type': `${type}; charset=utf-8`,
        'content-security-policy': url.pathname.startsWith('/emails/') ? EMAIL_CSP : PAGE_CSP,
        'cache-control': 'no-store',
        'x-content-type-options': 'nosniff',
      })
      .end(body);
  });
}

/** A constant while the folder cannot be read. */
function currentFingerprint(folder: string | undefined): string {
  try {
    return fingerprintOf(folder);
  } catch {
    return 'unreadable';
  }
}

function lookAt(folder: string | undefined, fingerprint: string): Look {
  try {
    const brand = loadBrand(folder);
    const samples = sampleEmails(createEmailTemplates(brand), brand.policies);
    const kinds = samples.map(({ kind }) => kind);
    const emails = samples
      .toSorted((one, other) => kinds.indexOf(one.kind) - kinds.indexOf(other.kind))
      .map(({ kind, state, write }) => ({
        kind,
        state,
        languages: new Map(brand.languages.map((language) => [language, written(write, language)])),
      }));
    return { fingerprint, emails, findings: [] };
  } catch (error) {
    const findings =
      error instanceof BrandError ? error.findings.map(describeFinding) : [(error as Error).message];
    return { fingerprint, emails: [], findings };
  }
}

/** A value that a template names and nobody gives is only found by writing. */
function written(write: SampleEmail['write'], language: Language): RenderedEmail | string {
  try {
    return write(language);
  } catch (error) {
    return (error as Error).message;
  }
}
