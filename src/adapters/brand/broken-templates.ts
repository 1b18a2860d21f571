/** What only shows when an email is written or a page is shown: a value that a template uses and nobody gives. */
import { describeFinding, type Brand } from './load-brand';
import type { Finding } from './folder-file';

/** `what` could not be made of its template. */
export interface Failure {
  readonly what: string;
  readonly error: Error;
}

/** One finding for all that fail in the same way. */
export function brokenTemplates(brand: Brand, failures: readonly Failure[]): readonly Finding[] {
  const findings = failures.map((failure) => findingOf(failure, brand));
  const ways = findings.map((finding) => describeFinding({ ...finding, message: wayOf(finding) }));
  return findings.filter((_, index) => ways.indexOf(ways[index] ?? '') === index);
}

const CANNOT = ' cannot be written: ';

/** Which value is missing, a template does not tell; nor can its line be relied on where it extends another one. */
function findingOf({ what, error: { message } }: Failure, { folder }: Brand): Finding {
  const file = /\(([^()]+[.]njk)\)/.exec(message)?.[1] ?? folder;
  const why = (message.split('\n').at(-1) ?? '').trim().replace(/^Error: /, '');
  const reason = why.startsWith('attempted to output null') ? 'it shows a value that there is not' : why;
  return { file, line: 1, message: `${what}${CANNOT}${reason}` };
}

const wayOf = ({ message }: Finding): string => message.slice(message.indexOf(CANNOT));
