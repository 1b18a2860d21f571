/** /docs: the OpenAPI document for people, served from here alone under a strict content security policy. */
import { dirname } from 'node:path';
import type { Express, Response } from 'express';
import { contentSecurityPolicy } from 'helmet';
import type { ApiDeps } from '../deps';
import { PROBLEMS_PAGE } from '../http/answer';
import { apiPage, problemsPage, startScript, styleSheet } from '../http/docs-pages';
import { methodNotAllowed } from '../http/mount';

const ASSETS = ['swagger-ui.css', 'swagger-ui-bundle.js'];
const ASSETS_ROOT = dirname(require.resolve('swagger-ui-dist/package.json'));

const ownScriptsOnly = contentSecurityPolicy({
  useDefaults: false,
  directives: {
    'default-src': ["'none'"],
    'script-src': ["'self'"],
    'style-src': ["'self'"],
    'img-src': ["'self'", 'data:'],
    'connect-src': ["'self'"],
    'base-uri': ["'none'"],
    'form-action': ["'none'"],
    'frame-ancestors': ["'none'"],
  },
});

type Send = (res: Response) => void;

/** Mounts the pages, their assets, and 405 for other methods. */
export function mountDocs(app: Express, { texts, policies }: Pick<ApiDeps, 'texts' | 'policies'>): void {
  let problems: string | undefined;
  const pages: Record<string, Send> = {
    '/docs': (res) => res.type('html').send(apiPage),
    [PROBLEMS_PAGE]: (res) =>
      res.type('html').send((problems ??= problemsPage(texts, policies.member.languages))),
    '/docs/tenure.css': (res) => res.type('css').send(styleSheet),
    '/docs/start.js': (res) => res.type('js').send(startScript),
  };
  for (const file of ASSETS) {
    pages[`/docs/${file}`] = (res) => res.sendFile(file, { root: ASSETS_ROOT, maxAge: '1d' });
  }
  for (const [path, send] of Object.entries(pages)) {
    app
      .route(path)
      .get(ownScriptsOnly, (_req, res) => send(res))
      .all(methodNotAllowed(['get']));
  }
}
