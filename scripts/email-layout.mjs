// Compiles the layout of emails from MJML: `npm run generate`, or `node scripts/email-layout.mjs FOLDER` for an insurer's own.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import mjml2html from 'mjml';

const folder = process.argv[2] ?? fileURLToPath(new URL('../brand/default', import.meta.url));
const source = join(folder, 'email', 'layout.mjml');
const { html, errors: all } = await mjml2html(readFileSync(source, 'utf8'), {
  fonts: {},
  keepComments: false,
});
// The value of a placeholder is known when an email is written.
const errors = all.filter(({ message }) => !message.includes('{{'));
if (errors.length > 0) {
  for (const { line, message } of errors) console.error(`${source}:${line}: ${message}`);
  process.exit(1);
}
const layout = html
  // No address of any kind: these two are for programs that read email as XML, or with Internet Explorer.
  .replace(' xmlns="http://www.w3.org/1999/xhtml"', '')
  .replace(/<!--\[if !mso\]><!-->\s*<meta http-equiv="X-UA-Compatible"[^>]*>\s*<!--<!\[endif\]-->/, '')
  .replace(/<meta http-equiv="Content-Type"[^>]*>/, '<meta charset="utf-8">')
  .replace(/^\s+/gm, '');
writeFileSync(join(folder, 'email', 'layout.html.njk'), layout);
