/** Chooses the supported language that the caller prefers (RFC 9110, 12.5.4, and RFC 4647, 3.4). */
import type { Language } from '../../domain/portal';

const RANGE = /^(\*|[a-z]{1,8}(?:[-_][a-z\d]{1,8})*)[ \t]*(?:;[ \t]*q=(0(?:\.\d{0,3})?|1(?:\.0{0,3})?))?$/i;

/**
 * The language with the highest weight in `Accept-Language`; for equal weights, the first. Region and script do not matter:
 * `es-MX` and `es-419` are Spanish. The first of `languages` if none matches.
 */
export function preferredLanguage(
  acceptLanguage: string | undefined,
  languages: readonly Language[],
): Language {
  const ranges = (acceptLanguage ?? '').split(',').flatMap((range) => {
    const [, tag = '', weight = '1'] = RANGE.exec(range.trim()) ?? [];
    const [primary = ''] = tag.toLowerCase().split(/[-_]/);
    return primary === '' ? [] : [{ primary, weight: Number(weight) }];
  });
  const refused = ranges.filter(({ weight }) => weight === 0).map(({ primary }) => primary);
  for (const { primary } of ranges
    .filter(({ weight }) => weight > 0)
    .toSorted((a, b) => b.weight - a.weight)) {
    const fits = languages.find((language) =>
      primary === '*' ? !refused.includes(language) : language === primary,
    );
    if (fits !== undefined) return fits;
  }
  return languages[0] ?? 'en';
}
