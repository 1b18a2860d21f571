/** The pages of /docs as HTML. No markup comes from a request, and nothing is loaded from other hosts. */
import type { Language } from '../../domain/portal';
import type { Texts } from '../../ports/texts';
import { FIELD_CODES, fieldDetail } from './field-errors';
import { PROBLEM_CODES, problemStatuses } from './problems';

/** The page on which Swagger UI shows the OpenAPI document. Addresses are relative, so that it works behind a path prefix. */
export const apiPage = page({
  title: 'Tenure API',
  base: '',
  head: '<link rel="stylesheet" href="docs/swagger-ui.css">',
  body: `<main id="api" aria-label="API"><p class="loading">Loading the API description ...</p></main>
<script src="docs/swagger-ui-bundle.js"></script>
<script src="docs/start.js"></script>`,
});

export const startScript = `'use strict';
SwaggerUIBundle({
  url: 'openapi.json',
  dom_id: '#api',
  presets: [SwaggerUIBundle.presets.apis],
  layout: 'BaseLayout',
  deepLinking: true,
  docExpansion: 'list',
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  syntaxHighlight: { activated: true, theme: 'agate' },
  tryItOutEnabled: true,
});
`;

/** The published tables of problem and field codes; each code is an anchor that \`type\` points to. */
export function problemsPage(texts: Texts, languages: readonly Language[]): string {
  const columns = languages.map((language) => `<th>${nameOf(language)}</th>`).join('');
  const inEach = (text: (language: Language) => string): string =>
    languages.map((language) => `<td lang="${language}">${text(language)}</td>`).join('');
  return page({
    title: 'Tenure API: problems',
    base: '../',
    head: '',
    body: `<main class="text">
<h1>Problems</h1>
<p>Every error is <code>application/problem+json</code> (RFC 9457). Decide by <code>code</code>; titles and details are for people,
in the language of <code>Accept-Language</code>.</p>
<table><thead><tr><th>code</th><th>status</th>${columns}</tr></thead><tbody>
${PROBLEM_CODES.map((code) => {
  const text = inEach((language) => {
    const title = texts.text(language, `problems.${code}.title`);
    return `<b>${escapeHtml(title)}</b><br>${escapeHtml(texts.text(language, `problems.${code}.detail`))}`;
  });
  return `<tr id="${code}"><td><code>${code}</code></td><td>${problemStatuses[code]}</td>${text}</tr>`;
}).join('\n')}
</tbody></table>
<h2>Fields</h2>
<p>With <code>invalid_fields</code> and <code>password_refused</code>, each entry of <code>errors</code> has a <code>pointer</code> (RFC 6901)
and one of these codes.</p>
<table><thead><tr><th>code</th>${columns}</tr></thead><tbody>
${FIELD_CODES.map((code) => {
  const error = { pointer: '', code, values: NAMES };
  const text = inEach((language) => escapeHtml(fieldDetail(error, language, texts)));
  return `<tr id="field-${code}"><td><code>${code}</code></td>${text}</tr>`;
}).join('\n')}
</tbody></table>
</main>`,
  });
}

/** What a broken rule fills in, by name. */
const NAMES = { min: '{min}', max: '{max}', digits: '{digits}', count: '{count}', symbols: '{symbols}' };

/** A language's name in itself: `Español`. */
function nameOf(language: Language): string {
  const name = new Intl.DisplayNames(language, { type: 'language' }).of(language) ?? language;
  return name.charAt(0).toLocaleUpperCase(language) + name.slice(1);
}

/** An insurer's texts are no markup. */
const escapeHtml = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

export const styleSheet = `
:root { color-scheme: light; --ink: #16302b; --line: #d7dfdc; --accent: #0f6b5c; }
body { margin: 0; background: #fff; color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
.top { display: flex; flex-wrap: wrap; gap: .5rem 1.5rem; align-items: baseline; padding: .9rem max(20px, calc((100vw - 1420px) / 2));
  background: var(--ink); color: #fff; }
.top b { font-size: 1.15rem; letter-spacing: .02em; }
.top nav { display: flex; gap: 1.25rem; }
.top a { color: #c9ece4; text-underline-offset: .2em; }
.loading { padding: 2rem 20px; }
.text { max-width: 1100px; margin: 0 auto; padding: 1rem 20px 4rem; }
table { width: 100%; border-collapse: collapse; font-size: .92rem; }
.text th, .text td { padding: .55rem .75rem .55rem 0; border-bottom: 1px solid var(--line); text-align: left; vertical-align: top; }
.text tr:target { background: #e3f4ef; }
.text code { color: var(--accent); font-size: .9em; }
.swagger-ui .response-col_links { display: none; }
.swagger-ui .info { margin: 28px 0 20px; }
`;

function page(parts: { title: string; base: string; head: string; body: string }): string {
  const { title, base, head, body } = parts;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${title}</title>
<link rel="icon" href="data:,">
${head}<link rel="stylesheet" href="${base}docs/tenure.css">
</head>
<body>
<header class="top"><b>Tenure API</b><nav><a href="${base}docs">Calls</a><a href="${base}docs/problems">Problems</a><a href="${base}openapi.json">OpenAPI document</a></nav></header>
${body}
</body>
</html>
`;
}
