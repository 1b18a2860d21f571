import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { sampleEmails } from '../../../src/adapters/mail/sample-emails';
import { createEmailTemplates } from '../../../src/adapters/mail/templates';
import { brand } from '../../support/brand';
import type { Language } from '../../../src/domain/portal';

const templates = createEmailTemplates(brand);
const samples = sampleEmails(templates, brand.policies);

/** Subject and text part of every email in every state. */
const written = (language: Language): string =>
  samples
    .map(({ kind, state, write }) => {
      const { subject, text } = write(language);
      return `=== ${kind}: ${state}\nSubject: ${subject}\n\n${text}`;
    })
    .join('\n');

/** WRITE_FIXTURES=1 writes the fixtures anew: read the difference before you commit it. */
it.each(['en', 'es'] as const)(
  'The subject and text of every email are those of the fixture (%s)',
  (language) => {
    const fixture = join(__dirname, `../../fixtures/emails/${language}.txt`);
    const emails = written(language);
    if (process.env['WRITE_FIXTURES'] === '1') writeFileSync(fixture, emails);

    expect(emails).toBe(readFileSync(fixture, 'utf8'));
  },
);

it('Every kind of email has a sample', () => {
  expect(new Set(samples.map(({ kind }) => kind))).toEqual(new Set(Object.keys(templates)));
});
