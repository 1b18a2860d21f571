/**
 * One description of an email, two renderings. Texts and inserted values arrive here as plain strings:
 * only this file produces HTML, and it escapes every string. There are no links and no images.
 */
import type { Email } from '../../../ports/mail';
import type { Language } from '../../../domain/portal';
import { plainLine } from './plain-line';

export type Block =
  | { readonly kind: 'paragraph'; readonly text: string }
  | { readonly kind: 'heading'; readonly text: string }
  | { readonly kind: 'list'; readonly items: readonly string[] }
  /** A code to type in. */
  | { readonly kind: 'code'; readonly text: string }
  /** An important line. */
  | { readonly kind: 'notice'; readonly text: string };

export interface Letter {
  readonly language: Language;
  readonly subject: string;
  /** The sender, shown at the top. */
  readonly sender: string;
  readonly title: string;
  readonly blocks: readonly Block[];
  /** Small print at the end. */
  readonly footer: readonly string[];
}

export type RenderedEmail = Pick<Email, 'subject' | 'text' | 'html'>;

/** Subject, text and HTML of a letter. No inserted string can start a new line or leave its HTML element. */
export function renderLetter(letter: Letter): RenderedEmail {
  return { subject: plainLine(letter.subject), text: renderText(letter), html: renderHtml(letter) };
}

function renderText({ sender, title, blocks, footer }: Letter): string {
  const parts = [
    plainLine(sender),
    plainLine(title),
    ...blocks.map(blockText),
    ['--', ...footer.map(plainLine)].join('\n'),
  ];
  return `${parts.join('\n\n')}\n`;
}

function blockText(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
    case 'notice':
      return plainLine(block.text);
    case 'heading':
      return plainLine(block.text).toUpperCase();
    case 'list':
      return block.items.map((item) => `- ${plainLine(item)}`).join('\n');
    case 'code':
      return `    ${plainLine(block.text)}`;
  }
}

const FONT = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif";

const style = {
  body: `margin:0;padding:0;background-color:#eef1f5;color:#1c2733;${FONT};font-size:16px;line-height:1.5`,
  page: 'max-width:560px;margin:0 auto;padding:24px 16px',
  sender: 'margin:0 0 12px;padding:0 4px;font-size:14px;font-weight:600;color:#46566a',
  card: 'background-color:#ffffff;border:1px solid #d8dee6;border-top:4px solid #0b5cad;border-radius:8px;padding:28px 28px 16px',
  title: 'margin:0 0 20px;font-size:24px;line-height:1.25;font-weight:700;color:#12202f',
  heading: 'margin:24px 0 6px;font-size:17px;line-height:1.35;font-weight:700;color:#12202f',
  paragraph: 'margin:0 0 14px',
  list: 'margin:0 0 14px;padding:0 0 0 22px',
  item: 'margin:0 0 8px',
  code: "margin:4px 0 18px;padding:18px 12px;background-color:#eff5fc;border:1px solid #c5daf1;border-radius:6px;text-align:center;font-family:'SF Mono',Consolas,Menlo,'Courier New',monospace;line-height:1.1;font-weight:700;color:#0a3d75",
  notice:
    'margin:4px 0 18px;padding:12px 16px;background-color:#fff7e6;border:1px solid #f0d9a8;border-radius:6px;color:#4a3608',
  footer: 'padding:16px 4px 0;font-size:13px;line-height:1.45;color:#56657a',
  footerLine: 'margin:0 0 8px',
} as const;

function renderHtml({ language, subject, sender, title, blocks, footer }: Letter): string {
  return `<!doctype html>
<html lang="${language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light">
<meta name="format-detection" content="telephone=no, date=no, address=no, email=no, url=no">
<title>${escapeHtml(subject)}</title>
</head>
<body style="${style.body}">
<div style="${style.page}">
${element('p', style.sender, sender)}
<div style="${style.card}">
${element('h1', style.title, title)}
${blocks.map(blockHtml).join('\n')}
</div>
<div style="${style.footer}">
${footer.map((line) => element('p', style.footerLine, line)).join('\n')}
</div>
</div>
</body>
</html>
`;
}

function blockHtml(block: Block): string {
  switch (block.kind) {
    case 'paragraph':
      return element('p', style.paragraph, block.text);
    case 'heading':
      return element('h2', style.heading, block.text);
    case 'list':
      return `<ul style="${style.list}">\n${block.items.map((item) => element('li', style.item, item)).join('\n')}\n</ul>`;
    case 'code':
      return element('p', `${style.code};${codeSize(block.text)}`, block.text);
    case 'notice':
      return element('p', style.notice, block.text);
  }
}

/** A PIN can be large; a long code must not wrap. */
const codeSize = (code: string) =>
  code.length <= 8
    ? 'font-size:40px;letter-spacing:0.2em;text-indent:0.2em'
    : 'font-size:22px;letter-spacing:0.04em;white-space:nowrap';

const element = (tag: string, css: string, text: string) =>
  `<${tag} style="${css}">${escapeHtml(text)}</${tag}>`;

const entities: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escapeHtml = (text: string) => plainLine(text).replace(/[&<>"']/g, (char) => entities[char] ?? '');
