/** What only shows when an email is written: a value that a template names and nobody gives. */
import { describeFinding, type Brand } from '../brand/load-brand';
import type { Finding } from '../brand/folder-file';
import { sampleEmails } from './sample-emails';
import { createEmailTemplates } from './templates';

/** Writes every email in every state and language of the brand. One finding for all emails that fail in the same way. */
export function brokenEmails(brand: Brand): readonly Finding[] {
  const samples = orError(() => sampleEmails(createEmailTemplates(brand), brand.policies));
  if (samples instanceof Error) return [findingOf(samples, brand, 'an email')];
  const findings = samples.flatMap(({ kind, state, write }) =>
    brand.languages.flatMap((language) => {
      const written = orError(() => write(language));
      return written instanceof Error
        ? [findingOf(written, brand, `${kind} (${state}) in the language "${language}"`)]
        : [];
    }),
  );
  const ways = findings.map((finding) => describeFinding({ ...finding, message: wayOf(finding) }));
  return findings.filter((_, index) => ways.indexOf(ways[index] ?? '') === index);
}

/** Which value is missing, a template does not tell; nor can its line be relied on where it extends another one. */
function findingOf({ message }: Error, { folder }: Brand, email: string): Finding {
  const file = /\(([^()]+[.]njk)\)/.exec(message)?.[1] ?? folder;
  const why = (message.split('\n').at(-1) ?? '').trim().replace(/^Error: /, '');
  const reason = why.startsWith('attempted to output null') ? 'it shows a value that there is not' : why;
  return { file, line: 1, message: `${email} cannot be written: ${reason}` };
}

const wayOf = ({ message }: Finding): string => message.slice(message.indexOf(' cannot be written'));

function orError<Value>(run: () => Value): Value | Error {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
