import { problemAnswer } from '../../../src/api/http/answer';
import type { AppError } from '../../../src/api/http/problems';
import type { Language } from '../../../src/domain/portal';
import { exhausted, wrongProof } from '../../../src/api/password-reset/problems';
import { brand, portalPolicies } from '../../support/brand';

const { texts } = brand;

/** What a client is told, in both languages. */
const detailsOf = (error: AppError): string[] =>
  (['en', 'es'] as const).map((language) => {
    const { body } = problemAnswer(error, language, texts) as { body: { detail: string } };
    return body.detail;
  });

describe('Problem texts', () => {
  it.each([
    ['a wrong PIN', wrongProof(2, 'pin', portalPolicies.member), 'Tries left: 2.', 'Intentos restantes: 2.'],
    [
      'wrong answers',
      wrongProof(1, 'answers', portalPolicies.broker),
      'Tries left: 1.',
      'Intentos restantes: 1.',
    ],
    [
      'no tries left for now',
      exhausted(60_000, portalPolicies.broker),
      'Its number: 877.454.0923.',
      'El número: 877.454.0923.',
    ],
  ] as const)(
    'The answer for %s begins with the text of the published table',
    (_what, error, english, spanish) => {
      const published = (language: Language): string => texts.text(language, `problems.${error.code}.detail`);

      expect(detailsOf(error)).toEqual([`${published('en')} ${english}`, `${published('es')} ${spanish}`]);
    },
  );

  it('A person who has no tries left for good is told only to call the help line', () => {
    expect(detailsOf(exhausted(null, portalPolicies.member))).toEqual([
      'Call 800-853-2713.',
      'Llame al 800-853-2713.',
    ]);
  });
});
