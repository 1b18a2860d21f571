import type { Message, MessageSummary } from './inbox-store';

export type MessageView = 'html' | 'text';

/** The list of mails; it looks for new ones every two seconds, by script or, without scripts, by reloading. */
export function renderList(messages: readonly MessageSummary[], to: string | undefined): string {
  const filter =
    to === undefined
      ? ''
      : `<p class="filter">Mail to <b>${escapeHtml(to)}</b> only. <a href="/">Show all</a></p>`;
  const rows = messages.map(renderRow).join('\n');
  const body =
    messages.length > 0
      ? `<ol class="list">${rows}</ol>`
      : `<div class="empty"><p>No mail yet.</p><p>What Tenure sends appears here by itself.</p></div>`;
  return page({
    title: messages.length > 0 ? `Inbox (${messages.length})` : 'Inbox',
    head: '<noscript><meta http-equiv="refresh" content="3"></noscript>',
    actions:
      messages.length > 0
        ? `<span class="count">${messages.length} ${messages.length === 1 ? 'mail' : 'mails'}</span><button id="clear" hidden>Delete all</button>`
        : '',
    main: `${filter}${body}`,
    script: listScript,
  });
}

/** One mail, with its HTML and text forms as tabs. */
export function renderMessage(message: Message, view: MessageView): string {
  const shown: MessageView = message.html === '' ? 'text' : view;
  const tab = (name: MessageView, label: string) =>
    `<a class="tab" href="?view=${name}"${shown === name ? ' aria-current="page"' : ''}>${label}</a>`;
  const content =
    shown === 'html'
      ? `<iframe title="The mail's HTML" sandbox src="/messages/${encodeURIComponent(message.id)}/html"></iframe>`
      : `<pre class="text">${escapeHtml(message.text)}</pre>`;
  const headers = message.headers
    .map(({ name, value }) => `<tr><th>${escapeHtml(name)}</th><td>${escapeHtml(value)}</td></tr>`)
    .join('');
  return page({
    title: message.subject || '(no subject)',
    actions: '<a class="back" href="/">All mail</a>',
    main: `<article class="message">
<h2>${escapeHtml(message.subject || '(no subject)')}</h2>
<dl>
<dt>From</dt><dd>${escapeHtml(message.from)}</dd>
<dt>To</dt><dd>${escapeHtml(message.to.join(', '))}</dd>
<dt>Received</dt><dd>${renderTime(message.receivedAt)}</dd>
</dl>
<nav class="tabs">${message.html === '' ? '' : tab('html', 'HTML')}${tab('text', 'Text')}</nav>
${content}
<details><summary>All headers</summary><table>${headers}</table></details>
</article>`,
    script: timeScript,
  });
}

/** The document inside the frame of a mail's HTML tab. */
export function renderHtmlPart(message: Message): string {
  return message.html;
}

export function renderNotFound(): string {
  return page({
    title: 'Not found',
    actions: '<a class="back" href="/">All mail</a>',
    main: '<div class="empty"><p>This mail is not here (any more).</p></div>',
    script: '',
  });
}

function renderRow({ id, from, to, subject, receivedAt }: MessageSummary): string {
  return `<li><a href="/messages/${encodeURIComponent(id)}">
<span class="subject">${escapeHtml(subject || '(no subject)')}</span>${renderTime(receivedAt)}
<span class="people">to ${escapeHtml(to.join(', '))}<span class="from"> &middot; from ${escapeHtml(from)}</span></span>
</a></li>`;
}

/** In UTC; the page's script converts it to the reader's local time. */
function renderTime(receivedAt: string): string {
  return `<time datetime="${receivedAt}">${receivedAt.slice(0, 19).replace('T', ' ')} UTC</time>`;
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}

interface Page {
  readonly title: string;
  readonly head?: string;
  readonly actions: string;
  readonly main: string;
  readonly script: string;
}

function page({ title, head = '', actions, main, script }: Page): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)} - Tenure mail</title>
<link rel="icon" href="data:,">
${head}
<style>${styles}</style>
</head>
<body>
<header><h1><a href="/">Inbox</a></h1><span class="note">every mail this Tenure sends</span><div class="actions">${actions}</div></header>
<main>${main}</main>
<script>${script}</script>
</body>
</html>
`;
}

const styles = `
:root { color-scheme: light dark; --ink: #1c2430; --soft: #5d6b7e; --line: #dde3ea; --paper: #fff; --ground: #f3f5f8; --accent: #1f5fbf; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6eaf0; --soft: #9aa7b8; --line: #323b48; --paper: #1d242e; --ground: #141a22; --accent: #7fb0ff; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
header, main { max-width: 56rem; margin: 0 auto; padding: 0 1rem; }
header { display: flex; align-items: baseline; gap: .75rem; padding-top: 1.5rem; padding-bottom: 1rem; }
h1 { font-size: 1.35rem; margin: 0; }
h1 a { color: inherit; text-decoration: none; }
.note, .count { color: var(--soft); font-size: .9rem; }
.actions { margin-left: auto; display: flex; align-items: baseline; gap: .75rem; }
a { color: var(--accent); }
button { font: inherit; font-size: .9rem; color: var(--accent); background: none; border: 1px solid var(--line); border-radius: 6px; padding: .15rem .6rem; cursor: pointer; }
.list { list-style: none; margin: 0; padding: 0; background: var(--paper); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; }
.list li + li { border-top: 1px solid var(--line); }
.list a { display: grid; grid-template-columns: 1fr auto; gap: .1rem 1rem; padding: .8rem 1.1rem; color: inherit; text-decoration: none; }
.list a:hover, .list a:focus-visible { background: color-mix(in srgb, var(--accent) 8%, transparent); }
.subject { font-weight: 600; overflow-wrap: anywhere; }
time { color: var(--soft); font-size: .9rem; white-space: nowrap; }
.people { grid-column: 1 / -1; color: var(--soft); font-size: .92rem; overflow-wrap: anywhere; }
.empty { text-align: center; color: var(--soft); padding: 4rem 1rem; }
.empty p { margin: .2rem 0; }
.filter { margin: 0 0 .8rem; }
.message { background: var(--paper); border: 1px solid var(--line); border-radius: 10px; padding: 1.2rem 1.4rem; margin-bottom: 2rem; }
.message h2 { font-size: 1.3rem; margin: 0 0 .6rem; overflow-wrap: anywhere; }
dl { display: grid; grid-template-columns: auto 1fr; gap: .15rem 1rem; margin: 0 0 1rem; }
dt { color: var(--soft); } dd { margin: 0; overflow-wrap: anywhere; }
dd time { color: inherit; font-size: inherit; }
.tabs { display: flex; gap: 1.2rem; border-bottom: 1px solid var(--line); }
.tab { padding: .4rem .1rem; color: var(--soft); text-decoration: none; border-bottom: 2px solid transparent; margin-bottom: -1px; }
.tab[aria-current] { color: var(--ink); border-color: var(--accent); font-weight: 600; }
iframe { display: block; width: 100%; height: 60vh; min-height: 22rem; border: 0; background: #fff; color-scheme: light; }
.text { font: 15px/1.55 ui-monospace, monospace; white-space: pre-wrap; overflow-wrap: anywhere; margin: 1rem 0; }
details { margin-top: 1rem; border-top: 1px solid var(--line); padding-top: .8rem; color: var(--soft); font-size: .9rem; }
summary { cursor: pointer; }
table { margin-top: .6rem; border-spacing: 0; font: 13px/1.5 ui-monospace, monospace; }
th { text-align: left; vertical-align: top; padding-right: 1rem; white-space: nowrap; font-weight: 600; }
td { overflow-wrap: anywhere; word-break: break-word; }
@media (max-width: 34rem) { .note, .from { display: none; } }
`;

const timeScript = `
const showTimes = (root) => root.querySelectorAll('time').forEach((time) => {
  const at = new Date(time.dateTime);
  const today = at.toDateString() === new Date().toDateString();
  time.textContent = today ? at.toLocaleTimeString() : at.toLocaleString();
  time.title = at.toLocaleString();
});
showTimes(document);
`;

const listScript = `${timeScript}
let shown;
const refresh = async () => {
  if (document.hidden) return;
  const response = await fetch(location.href).catch(() => undefined);
  if (!response || !response.ok) return;
  const html = await response.text();
  if (html === shown) return;
  const first = shown === undefined;
  shown = html;
  if (first) return;
  const next = new DOMParser().parseFromString(html, 'text/html');
  document.title = next.title;
  for (const part of ['main', '.actions']) document.querySelector(part).innerHTML = next.querySelector(part).innerHTML;
  ready();
};
const ready = () => {
  showTimes(document);
  const button = document.getElementById('clear');
  if (!button) return;
  button.hidden = false;
  button.onclick = async () => {
    if (!confirm('Delete all mail?')) return;
    await fetch('/api/messages', { method: 'DELETE' });
    refresh();
  };
};
ready();
refresh();
setInterval(refresh, 2000);
`;
