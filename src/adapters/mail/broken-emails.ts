import type { Brand } from '../brand/load-brand';
import type { Failure } from '../brand/broken-templates';
import { sampleEmails } from './sample-emails';
import { createEmailTemplates } from './templates';

/** Writes every email in every state and language of the brand. */
export function brokenEmails(brand: Brand): readonly Failure[] {
  const samples = orError(() => sampleEmails(createEmailTemplates(brand), brand.policies));
  if (samples instanceof Error) return [{ what: 'an email', error: samples }];
  return samples.flatMap(({ kind, state, write }) =>
    brand.languages.flatMap((language) => {
      const written = orError(() => write(language));
      const what = `${kind} (${state}) in the language "${language}"`;
      return written instanceof Error ? [{ what, error: written }] : [];
    }),
  );
}

function orError<Value>(run: () => Value): Value | Error {
  try {
    return run();
  } catch (error) {
    if (error instanceof Error) return error;
    throw error;
  }
}
