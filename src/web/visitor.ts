import type { Request, Response } from 'express';
import type { Language } from '../domain/portal';
import { sayIn } from '../ports/texts';
import { jarOf, type Jar } from './cookies';
import type { WebDeps } from './deps';
import type { Visitor } from './page';

export function visitorOf(req: Request, res: Response, { seals, texts }: WebDeps): Visitor {
  const query = new URLSearchParams(req.url.split('?')[1] ?? '');
  const jar = jarOf(req, res, seals);
  const language = languageOf(req, query, jar, texts.languages);
  return { query, jar, language, say: sayIn(texts, language) };
}

/** `?lang=`, which a cookie keeps; otherwise the cookie's; at the first visit the one that the browser prefers. */
function languageOf(
  req: Request,
  query: URLSearchParams,
  jar: Jar,
  languages: readonly Language[],
): Language {
  const known = (language: string | null | undefined) => languages.find((each) => each === language);
  const asked = known(query.get('lang'));
  if (asked !== undefined && asked !== jar.language) jar.setLanguage(asked);
  const preferred = req.acceptsLanguages(...languages);
  return asked ?? known(jar.language) ?? known(preferred || undefined) ?? languages[0] ?? 'en';
}
