import { preferredLanguage } from '../../../src/api/http/accept-language';

it.each([
  ['fr-CA, en;q=0.9', ['en', 'es', 'fr'], 'fr'],
  ['fr-CA, en;q=0.9', ['en', 'es'], 'en'],
  ['fr', ['es', 'en'], 'es'],
  [undefined, ['es', 'en'], 'es'],
  ['*', ['es', 'en'], 'es'],
  ['*, es;q=0', ['es', 'en'], 'en'],
])('Of %j, a brand with the languages %j answers in %s', (acceptLanguage, languages, language) => {
  expect(preferredLanguage(acceptLanguage, languages)).toBe(language);
});
