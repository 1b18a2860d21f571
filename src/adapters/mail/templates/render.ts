/** One template of each email, rendered twice: as text and as HTML. */
import { Environment, FileSystemLoader, type Template } from 'nunjucks';
import type { Addressee, WrittenEmail } from '../../../ports/mail';
import { greetingName, plainLine } from './plain-line';
import type { EmailBrand, View } from './view';
import type { Words } from './words';

/** Reads and compiles a template. */
export function createRenderer({
  emailFolders: folders,
  colors,
  texts,
}: EmailBrand): (kind: string) => (view: View, recipient: Addressee, words: Words) => WrittenEmail {
  const environments = {
    // HTML is escaped here and nowhere else; blocks have the tags.
    html: createEnvironment(folders, colors, 'html'),
    text: createEnvironment(folders, colors, 'txt'),
  };
  return (kind) => {
    const load = (environment: Environment): Template => environment.getTemplate(`${kind}.njk`, true);
    const [html, text] = [load(environments.html), load(environments.text)];
    return (view, { firstName }, words) => {
      const { language } = words;
      const direction = words.text('language.direction');
      const name = greetingName(firstName);
      const values = plain({
        ...view,
        language,
        direction,
        start: direction === 'rtl' ? 'right' : 'left',
        greeting:
          name === null
            ? words.text('emails.common.greeting-without-name')
            : words.text('emails.common.greeting', { name }),
      });
      const t = (key: string, more: Readonly<Record<string, unknown>> = {}) =>
        plain(texts.lookUp(language, key, { ...values, ...more }));
      const context = { ...values, t };
      return {
        language,
        subject: values.subject,
        text: tidy(text.render(context)),
        html: html.render(context),
      };
    };
  };
}

function createEnvironment(folders: readonly string[], colors: object, part: 'html' | 'txt'): Environment {
  const environment = new Environment(new FileSystemLoader([...folders]), {
    autoescape: part === 'html',
    throwOnUndefined: true,
    trimBlocks: true,
    lstripBlocks: true,
  });
  environment.addGlobal('colors', colors);
  environment.addGlobal('layout', `layout.${part}.njk`);
  environment.addGlobal('blocks', `blocks.${part}.njk`);
  return environment;
}

/** No string of it can start a new line in the text. */
function plain<Value>(value: Value): Value;
function plain(value: unknown): unknown {
  if (typeof value === 'string') return plainLine(value);
  if (Array.isArray(value)) return value.map((item: unknown) => plain(item));
  if (typeof value === 'object' && value !== null)
    return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, plain(inner)]));
  return value;
}

/** What tags and macros leave: spaces at the end of lines, and more than one blank line. */
const tidy = (text: string): string =>
  `${text
    .replace(/[^\S\n]+$/gm, '')
    .replace(/\n{3,}/g, '\n\n')
    .trim()}\n`;
