/** The page of `npm run brand -- preview`: all emails and pages by name, and the chosen one in every language, wide and narrow. */
import type { Language } from '../domain/portal';
import type { WrittenEmail } from '../ports/mail';

/** An email in one state; a text instead of an email says why it cannot be written. */
export interface PreviewedEmail {
  readonly kind: string;
  readonly state: string;
  readonly languages: ReadonlyMap<Language, WrittenEmail | string>;
}

/** A page of the web in one state. */
export interface PreviewedPage {
  readonly path: string;
  readonly state: string;
  /** Where it belongs in the list, if not to its path. */
  readonly of?: string;
}

/** A folder as it was at one moment. */
export interface Look {
  /** Changes with any file of the folder. */
  readonly fingerprint: string;
  readonly emails: readonly PreviewedEmail[];
  readonly pages: readonly PreviewedPage[];
  /** What is wrong with the folder: then there is neither an email nor a page. */
  readonly findings: readonly string[];
}

/** What is shown: an email, or a page with its view; a text instead of a view says why it cannot be shown. */
export type Chosen =
  | { readonly email: number }
  | { readonly page: number; readonly languages: ReadonlyMap<Language, { readonly view: string } | string> };

const EMAIL_FRAMES = [
  { scheme: 'light', width: 640 },
  { scheme: 'light', width: 320 },
  { scheme: 'dark', width: 640 },
  { scheme: 'dark', width: 320 },
] as const;
const PAGE_FRAMES = [
  { scheme: 'light', width: 900 },
  { scheme: 'light', width: 320 },
] as const;

export function page(look: Look, chosen: Chosen): string {
  const { fingerprint, findings } = look;
  const [title, content] = shown(look, chosen) ?? [
    'This folder is wrong',
    `<p>API, worker and pages do not start with it.</p>${list(findings)}`,
  ];
  return `<!doctype html>
<html lang="en" data-fingerprint="${fingerprint}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${escaped(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/preview.css">
<script src="/preview.js" defer></script>
</head>
<body>
${findings.length === 0 ? `<nav aria-label="Emails and pages">${menu(look, chosen)}</nav>` : ''}
<main><h1>${escaped(title)}</h1>${content}</main>
</body>
</html>
`;
}

/** Title and content; undefined: there is nothing to show. */
function shown({ emails, pages }: Look, chosen: Chosen): readonly [string, string] | undefined {
  if ('page' in chosen) {
    const { path = '', state = '' } = pages[chosen.page] ?? {};
    const sections = [...chosen.languages].map(([language, written]) =>
      typeof written === 'object'
        ? section(
            language,
            `${language}: views/${written.view}.njk`,
            frames(PAGE_FRAMES, `/pages/${chosen.page}/${language}`, language, ' inert'),
          )
        : failed(language, 'It cannot be shown:', written),
    );
    return [`${path}: ${state}`, sections.join('')];
  }
  const email = emails[chosen.email];
  if (email === undefined) return undefined;
  const sections = [...email.languages].map(([language, written]) =>
    typeof written === 'string'
      ? failed(language, 'It cannot be written:', written)
      : section(
          language,
          `${language}: <span lang="${language}">${escaped(written.subject)}</span>`,
          `${frames(EMAIL_FRAMES, `/emails/${chosen.email}/${language}`, language)}<figure><figcaption>text</figcaption>` +
            `<pre lang="${language}">${escaped(written.text)}</pre></figure>`,
        ),
  );
  return [`${fileOf(email)}: ${email.state}`, sections.join('')];
}

function menu({ emails, pages }: Look, chosen: Chosen): string {
  const link = (address: string, isCurrent: boolean, text: string): string =>
    `<a href="/?${address}"${isCurrent ? ' aria-current="page"' : ''}>${text}</a>`;
  const ofEmails = emails.map((email, index) => {
    const heading = email.kind === emails[index - 1]?.kind ? '' : `<h2>${fileOf(email)}</h2>`;
    const fails = [...email.languages.values()].some((written) => typeof written === 'string');
    const mark = fails ? ' <strong>cannot be written</strong>' : '';
    const isCurrent = 'email' in chosen && chosen.email === index;
    return `${heading}${link(`email=${index}`, isCurrent, escaped(email.state) + mark)}`;
  });
  const groups = pages.map(({ path, of }) => of ?? path.split('?')[0] ?? '');
  const ofPages = pages.map(({ state }, index) => {
    const group = groups[index] ?? '';
    const heading = group === groups[index - 1] ? '' : `<h2>${group}</h2>`;
    const isCurrent = 'page' in chosen && chosen.page === index;
    return `${heading}${link(`page=${index}`, isCurrent, escaped(state))}`;
  });
  return ['<p>Emails</p>', ...ofEmails, '<p id="pages">Pages</p>', ...ofPages].join('\n');
}

const section = (language: Language, heading: string, content: string): string =>
  `<section id="${language}"><h2>${heading}</h2><div>${content}</div></section>`;

const failed = (language: Language, sentence: string, why: string): string =>
  `<section><h2>${language}</h2><p>${sentence}</p>${list([why])}</section>`;

const frames = (
  sizes: readonly { readonly scheme: string; readonly width: number }[],
  source: string,
  language: Language,
  more = '',
): string =>
  sizes
    .map(
      ({ scheme, width }) =>
        `<figure><figcaption>${scheme}, ${width}</figcaption><iframe class="${scheme}" width="${width}" ` +
        `src="${source}" title="${language}, ${scheme}, ${width} pixels wide"${more}></iframe></figure>`,
    )
    .join('');

const list = (findings: readonly string[]): string =>
  `<ul class="findings">${findings.map((finding) => `<li>${escaped(finding)}</li>`).join('')}</ul>`;

/** The file that an insurer puts in its place. */
const fileOf = ({ kind }: PreviewedEmail): string =>
  `${kind.replace(/[A-Z]/g, (capital) => `-${capital.toLowerCase()}`)}.njk`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };
const escaped = (text: string): string => text.replace(/[&<>"]/g, (character) => ENTITIES[character] ?? '');

export const PREVIEW_CSS = `
:root { color-scheme: light dark; --line: light-dark(#c9d0d8, #3c444d); --panel: light-dark(#eef1f4, #1d2126); --wrong: light-dark(#b3261e, #ffb4ab) }
* { box-sizing: border-box }
body { margin: 0; display: flex; align-items: flex-start; font: 15px/1.5 system-ui, sans-serif; background: light-dark(#fff, #14171a) }
nav { position: sticky; top: 0; flex: 0 0 19rem; height: 100vh; overflow: auto; padding: 0 0 2rem; background: var(--panel); border-inline-end: 1px solid var(--line) }
nav p { position: sticky; top: 0; margin: 1rem 0 0; padding: .5rem 1rem; font-weight: 600; background: var(--panel) }
nav h2 { margin: 1.2rem 1rem .2rem; font-size: .85rem; overflow-wrap: anywhere }
nav a { display: block; padding: .15rem 1rem; color: inherit; text-decoration: none }
nav a:hover, nav a:focus-visible { text-decoration: underline }
nav a[aria-current] { background: light-dark(#d3deea, #33404e); font-weight: 600 }
nav strong, .findings { color: var(--wrong) }
main { flex: 1; min-width: 0; padding: 1rem 1.5rem 3rem }
h1 { font-size: 1.3rem; margin: 0 }
section { margin-top: 1.5rem; padding-top: .5rem; border-top: 1px solid var(--line) }
section h2 { font-size: 1.05rem }
section div { display: flex; flex-wrap: wrap; gap: 1rem; align-items: flex-start }
figure { margin: 0; max-width: 100% }
figcaption { font-size: .85rem }
iframe, pre { display: block; margin: 0; border: 1px solid var(--line) }
iframe { box-sizing: content-box; max-width: none; min-height: 200px }
iframe.light { color-scheme: light }
iframe.dark { color-scheme: dark }
pre { padding: 1rem; width: 640px; max-width: 100%; white-space: pre-wrap; overflow-wrap: anywhere; background: var(--panel) }
.findings { font-family: ui-monospace, monospace; overflow-wrap: anywhere; padding-inline-start: 1.2rem }
@media (max-width: 60rem) { body { display: block } nav { position: static; height: 14rem } figure { overflow: auto } }
`;

/** Frames get as high as what is in them, and the page is loaded again when a file has changed. */
export const PREVIEW_JS = `
for (const frame of document.querySelectorAll('iframe')) {
  const fit = () => {
    const root = frame.contentDocument?.documentElement;
    if (root) frame.style.height = root.scrollHeight + 'px';
    // A page brings what is wrong into view.
    if (document.activeElement === frame) {
      frame.blur();
      scrollTo(0, 0);
    }
  };
  frame.addEventListener('load', fit);
  fit();
}
document.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
const shown = document.documentElement.dataset.fingerprint;
setInterval(async () => {
  const answer = await fetch('/fingerprint').catch(() => undefined);
  if (answer?.ok && (await answer.text()) !== shown) location.reload();
}, 500);
`;
