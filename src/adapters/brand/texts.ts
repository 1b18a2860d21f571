import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { createInstance } from 'i18next';
import type { Language } from '../../domain/portal';
import type { TextKey, Texts } from '../../ports/texts';
import { catalogOf, checkCatalog, layCatalogOver, shapesOf, type Catalog, type TextShape } from './catalog';
import { readFolderFile, type Finding } from './folder-file';

/** The language of which every text is known: what the keys are generated from. */
const REFERENCE = 'en';

/**
 * The texts of `languages`: ours, with those of `folder` laid over them, which are checked. A language that we do not have must be
 * complete there. Read them once; texts with findings are not to be used.
 */
export function loadTexts(
  languages: readonly Language[],
  ours: string,
  folder?: string,
): {
  readonly texts: Texts;
  readonly catalogs: ReadonlyMap<Language, Catalog>;
  readonly shapes: ReadonlyMap<string, TextShape>;
  readonly findings: readonly Finding[];
} {
  const read = (base: string, language: Language) => {
    const path = join(base, 'locales', `${language}.json`);
    return existsSync(path) ? readFolderFile(path) : undefined;
  };
  const reference = read(ours, REFERENCE);
  const shapes = shapesOf(catalogOf(reference?.value));
  const findings: Finding[] = [];
  const laid = languages.map((language): [Language, Catalog] => {
    const base = language === REFERENCE ? reference : read(ours, language);
    const own = folder === undefined ? undefined : read(folder, language);
    if (own !== undefined) {
      const isComplete = base === undefined || folder === ours;
      findings.push(
        ...(own.findings.length > 0 ? own.findings : checkCatalog(own, language, shapes, isComplete)),
      );
    }
    if (base === undefined && own === undefined)
      findings.push({
        file: join(folder ?? ours, 'locales', `${language}.json`),
        line: 1,
        message: `there are no texts in the language "${language}": add the file, or take the language out of portal.yaml`,
      });
    return [language, layCatalogOver(catalogOf(base?.value), catalogOf(own?.value), shapes)];
  });
  const catalogs = new Map(laid);
  return { texts: createTexts(catalogs), catalogs, shapes, findings };
}

/** Texts by i18next. The first of the languages takes the place of one that is not there. */
export function createTexts(catalogs: ReadonlyMap<Language, Catalog>): Texts {
  const [fallback] = catalogs.keys();
  const i18n = createInstance();
  void i18n.init({
    initAsync: false,
    fallbackLng: fallback ?? REFERENCE,
    load: 'currentOnly',
    // Keys are flat here, and no text names another one: what is inserted into a text is never looked up.
    keySeparator: false,
    nsSeparator: false,
    resources: Object.fromEntries(
      [...catalogs].map(([language, catalog]) => [
        language,
        { translation: Object.fromEntries(flat(catalog)) },
      ]),
    ),
    // HTML is escaped where it is made.
    interpolation: { escapeValue: false },
    parseMissingKeyHandler: (key) => {
      throw new Error(`no text ${key}`);
    },
    missingInterpolationHandler: (text, [placeholder]) => {
      throw new Error(`no value for ${placeholder} in: ${text}`);
    },
  });

  const say = (language: Language, key: string, values: Readonly<Record<string, unknown>>): string => {
    const { count } = values;
    const counted = typeof count === 'number' ? { count } : {};
    return i18n.t(key, { lng: language, replace: values, nest: false, ...counted });
  };
  return {
    languages: [...catalogs.keys()],
    has: (key): key is TextKey => i18n.exists(key, { lng: fallback ?? REFERENCE }),
    text: (language, key, ...[values]) => say(language, key, values ?? {}),
    lookUp(language, key, values) {
      const listed = (catalogs.get(language) ?? catalogs.get(fallback ?? language))?.get(key);
      return Array.isArray(listed)
        ? listed.map((_, index) => say(language, lineKey(key, index), values))
        : say(language, key, values);
    },
  };
}

const lineKey = (key: string, index: number): string => `${key}.${index}`;

/** Each line of a list as a text of its own. */
const flat = (catalog: Catalog): readonly (readonly [string, string])[] =>
  [...catalog].flatMap(([key, text]) =>
    typeof text === 'string'
      ? [[key, text] as const]
      : text.map((line, index) => [lineKey(key, index), line] as const),
  );
