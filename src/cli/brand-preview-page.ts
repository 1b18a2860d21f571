/** The page of `npm run brand -- preview`: all emails by name, and the chosen one in every language, light and dark, wide and narrow. */
import type { RenderedEmail } from '../adapters/mail/templates/render';
import type { Language } from '../domain/portal';

/** An email in one state; a text instead of an email says why it cannot be written. */
export interface PreviewedEmail {
  readonly kind: string;
  readonly state: string;
  readonly languages: ReadonlyMap<Language, RenderedEmail | string>;
}

/** A folder as it was at one moment. */
export interface Look {
  /** Changes with any file of the folder. */
  readonly fingerprint: string;
  readonly emails: readonly PreviewedEmail[];
  /** What is wrong with the folder: then there are no emails. */
  readonly findings: readonly string[];
}

const FRAMES = [
  { scheme: 'light', width: 640 },
  { scheme: 'light', width: 320 },
  { scheme: 'dark', width: 640 },
  { scheme: 'dark', width: 320 },
] as const;

export function page({ fingerprint, emails, findings }: Look, index: number): string {
  const email = emails[index] ?? emails[0];
  const title = email ? `${fileOf(email)}: ${email.state}` : 'This folder is wrong';
  const content = email
    ? [...email.languages]
        .map(([language, written]) => inLanguage(emails.indexOf(email), language, written))
        .join('')
    : `<p>API and worker do not start with it.</p>${list(findings)}`;
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
${email ? `<nav aria-label="Emails">${menu(emails, email)}</nav>` : ''}
<main><h1>${escaped(title)}</h1>${content}</main>
</body>
</html>
`;
}

function menu(emails: readonly PreviewedEmail[], chosen: PreviewedEmail): string {
  const items = emails.map((email, index) => {
    const heading = email.kind === emails[index - 1]?.kind ? '' : `<h2>${fileOf(email)}</h2>`;
    const current = email === chosen ? ' aria-current="page"' : '';
    const fails = [...email.languages.values()].some((written) => typeof written === 'string');
    const mark = fails ? ' <strong>cannot be written</strong>' : '';
    return `${heading}<a href="/?email=${index}"${current}>${escaped(email.state)}${mark}</a>`;
  });
  return items.join('\n');
}

function inLanguage(index: number, language: Language, written: RenderedEmail | string): string {
  if (typeof written === 'string')
    return `<section><h2>${language}</h2><p>It cannot be written:</p>${list([written])}</section>`;
  const frames = FRAMES.map(
    ({ scheme, width }) =>
      `<figure><figcaption>${scheme}, ${width}</figcaption><iframe class="${scheme}" width="${width}" ` +
      `src="/emails/${index}/${language}" title="${language}, ${scheme}, ${width} pixels wide"></iframe></figure>`,
  );
  return (
    `<section><h2>${language}: <span lang="${language}">${escaped(written.subject)}</span></h2>` +
    `<div>${frames.join('')}<figure><figcaption>text</figcaption><pre lang="${language}">${escaped(written.text)}</pre></figure></div></section>`
  );
}

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

/** Frames get as high as their email, and the page is loaded again when a file has changed. */
export const PREVIEW_JS = `
for (const frame of document.querySelectorAll('iframe')) {
  const fit = () => {
    const root = frame.contentDocument?.documentElement;
    if (root) frame.style.height = root.scrollHeight + 'px';
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
