import type { Language } from '../domain/portal';
import { sayIn, type Say, type Texts } from '../ports/texts';
import type { Problem } from './api-client';
import type { Page } from './page';

/** One thing that is wrong, for the summary and beside its field. */
export interface PageError {
  /** Absent: of no field of this page. The summary then leads to the first one. */
  readonly field?: string | undefined;
  /** Before the text in the summary, where the text does not say which field it means. */
  readonly label?: string | undefined;
  readonly text: string;
  /** Also shown beside the field. */
  readonly isOfField: boolean;
}

/** In the order of the page's fields. A text `pages.problems.<field>.<code>` takes the place of the API's. */
export function fieldErrors(
  problem: Problem,
  { fields = {}, pointers = {} }: Page,
  language: Language,
  texts: Texts,
): readonly PageError[] {
  const say = sayIn(texts, language);
  const names = Object.keys(fields);
  const { errors = [] } = problem;
  if (errors.length === 0) return [{ field: names[0], text: sentenceOf(problem, say), isOfField: false }];
  const found = errors.map(({ pointer, code, detail }) => {
    const field = pointers[pointer] ?? names.find((name) => pointer === `/${name}`);
    const isOfField = field !== undefined;
    const own = `pages.problems.${field}.${code}`;
    if (texts.has(own)) return { field, text: String(texts.lookUp(language, own, {})), isOfField };
    const label = isOfField ? fields[field] : undefined;
    return { field, label: label && String(texts.lookUp(language, label, {})), text: detail, isOfField };
  });
  const place = ({ field }: PageError) => (field === undefined ? names.length : names.indexOf(field));
  return found.toSorted((one, other) => place(one) - place(other));
}

function sentenceOf({ status, title, detail, retryAfterSeconds }: Problem, say: Say): string {
  if (status === 503) return say('pages.errors.503.detail');
  if (status >= 500) return say('pages.errors.500.detail');
  const wait =
    status === 429 && retryAfterSeconds !== undefined ? ` ${waitInWords(retryAfterSeconds, say)}` : '';
  return `${title}. ${detail}${wait}`;
}

function waitInWords(seconds: number, say: Say): string {
  if (seconds < 90) return say('pages.wait.seconds', { count: seconds });
  if (seconds < 90 * 60) return say('pages.wait.minutes', { count: Math.ceil(seconds / 60) });
  return say('pages.wait.hours', { count: Math.ceil(seconds / 3600) });
}
