/**
 * An insurer's folder (docs/branding.md): read and checked as a whole at the start of a process. All of it is optional; what it does
 * not have is ours, in brand/default.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join, relative } from 'node:path';
import type { z } from 'zod';
import { ConfigError } from '../../config';
import { isMapping, layOver, readFolderFile, type Finding, type FolderFile, type Path } from './folder-file';
import { PORTALS, type Language, type Portal, type Terms } from '../../domain/portal';
import type { Texts } from '../../ports/texts';
import { checkTemplates, TEMPLATE_FOLDERS } from './template-folders';
import { namedTexts, portalFile, rulesOf, type Rules } from './portal-file';
import { checkTermsNames, loadTerms } from './terms';
import { loadTexts } from './texts';

export interface Brand extends Rules {
  readonly texts: Texts;
  /** The current ones. */
  readonly terms: Readonly<Record<Portal, Terms>>;
  /** Templates of emails; the first folder that has one counts. */
  readonly emailFolders: readonly string[];
  /** Templates of pages; the first folder that has one counts. */
  readonly viewFolders: readonly string[];
  /** For browsers: colors and own styles. */
  readonly css: string;
  /** An SVG. */
  readonly logo?: Buffer | undefined;
  /** Where it was read from. */
  readonly folder: string;
  /** Of everything that was loaded: processes with the same one have the same brand. */
  readonly fingerprint: string;
}

/** The folder cannot be used; the message has every finding. */
export class BrandError extends ConfigError {
  constructor(
    folder: string,
    readonly findings: readonly Finding[],
  ) {
    const lines = findings.map((each) => `  ${describeFinding(each)}`);
    super(`The brand in ${folder} is wrong (docs/branding.md):\n${lines.join('\n')}`);
  }
}

export const describeFinding = ({ file, line, message }: Finding): string => `${file}:${line}: ${message}`;

/** From src and from dist alike. */
export const DEFAULT_FOLDER = join(__dirname, '../../../brand/default');

/** What a folder may have at its top. */
const KNOWN = ['portal.yaml', 'locales', 'email', 'views', 'terms', 'brand.css', 'logo.svg'];

/**
 * The brand of `folder`, laid over ours. Without a folder, ours: it is read once, and its texts and templates are checked
 * by the tests. Throws `BrandError`.
 */
export function loadBrand(folder?: string): Brand {
  return folder === undefined ? (ourBrand ??= readBrand()) : readBrand(folder);
}
let ourBrand: Brand | undefined;

function readBrand(folder?: string): Brand {
  const over = folder ?? DEFAULT_FOLDER;
  requireFolder(over);
  const files = readBoth(over, 'portal.yaml');
  const parsed = portalFile.safeParse(files.map(({ value }) => value).reduceRight(layOver));
  const {
    texts,
    catalogs,
    shapes,
    findings: inTexts,
  } = loadTexts(parsed.data?.languages ?? [], DEFAULT_FOLDER, folder);
  const textIn = (language: Language, key: string): string | undefined => {
    const text = catalogs.get(language)?.get(key);
    return typeof text === 'string' ? text : undefined;
  };
  const termsOf = (portal: Portal) =>
    loadTerms(parsed.data?.portals[portal].termsVersion ?? '', parsed.data?.languages ?? [], foldersOf(over));
  const terms = { member: termsOf('member'), broker: termsOf('broker') };
  const findings = [
    ...unknownFiles(over),
    ...files.flatMap((file) => file.findings),
    ...(parsed.error?.issues ?? []).flatMap((issue) => findingsOf(issue, files)),
    ...inTexts,
    ...(parsed.success ? namedTexts(parsed.data) : []).flatMap(({ path, key }) =>
      [...catalogs.keys()]
        // A language without any text is a finding of its own.
        .filter((language) => catalogs.get(language)?.size !== 0 && textIn(language, key) === undefined)
        .map((language) => finding([path], files, `has no text: add ${key} to locales/${language}.json`)),
    ),
    ...(folder === undefined
      ? []
      : TEMPLATE_FOLDERS.flatMap((name) => checkTemplates(name, folder, DEFAULT_FOLDER, shapes))),
    ...checkTermsNames(over),
    ...(parsed.success ? PORTALS : []).flatMap((portal) =>
      terms[portal].missing.map((name) =>
        finding([['portals', portal, 'termsVersion'], ['languages']], files, `there is no ${name}: add it`),
      ),
    ),
    // Both portals may have the same ones.
    ...new Map(
      PORTALS.flatMap((portal) => terms[portal].findings).map((each) => [describeFinding(each), each]),
    ).values(),
  ];
  if (!parsed.success || findings.length > 0) throw new BrandError(over, findings);
  return {
    ...rulesOf(parsed.data, (key) =>
      Object.fromEntries(parsed.data.languages.map((language) => [language, textIn(language, key) ?? ''])),
    ),
    texts,
    terms: { member: terms.member.terms, broker: terms.broker.terms },
    emailFolders: existingIn(over, 'email'),
    viewFolders: existingIn(over, 'views'),
    ...lookOf(over, parsed.data.colors.light),
    folder: over,
    fingerprint: fingerprintOf(over),
  };
}

/** Throws `ConfigError` unless there is such a folder, whatever is in it. */
export function requireFolder(folder: string): void {
  if (!existsSync(folder) || !statSync(folder).isDirectory())
    throw new ConfigError(`TENURE_BRAND: there is no folder ${folder}`);
}

/** That the list of questions lacks these ids, which people have answered. */
export function goneQuestions({ folder }: Brand, ids: readonly string[]): readonly Finding[] {
  const files = readBoth(folder, 'portal.yaml');
  const path = ['portals', 'broker', 'securityQuestions'];
  return ids.map((id) => finding([path], files, `lacks ${id}, which people have answered: put it back`));
}

/** The insurer's first. */
export const foldersOf = (folder: string): readonly string[] => [...new Set([folder, DEFAULT_FOLDER])];

/** The folders or files of this name, the insurer's first. */
const existingIn = (folder: string, name: string): readonly string[] =>
  foldersOf(folder)
    .map((base) => join(base, name))
    .filter(existsSync);

/** What makes pages look like the insurer's. */
function lookOf(folder: string, { accent }: { readonly accent: string }): Pick<Brand, 'css' | 'logo'> {
  const [logo] = existingIn(folder, 'logo.svg');
  const styles = existingIn(folder, 'brand.css').map((file) => readFileSync(file, 'utf8'));
  const colors = `:root{--govuk-brand-colour:${accent};--govuk-link-colour:${accent};--tenure-accent:${accent}}`;
  return {
    css: [colors, ...styles].join('\n'),
    logo: logo === undefined ? undefined : readFileSync(logo),
  };
}

/** A file of the folder and ours, as far as there are any. */
const readBoth = (folder: string, name: string): FolderFile[] =>
  foldersOf(folder)
    .map((from) => join(from, name))
    .filter((file) => existsSync(file))
    .map(readFolderFile);

/** A mistyped name would go unnoticed. */
const unknownFiles = (folder: string): Finding[] =>
  readdirSync(folder)
    .filter((name) => !KNOWN.includes(name) && !/^(\.|README)/.test(name))
    .map((name) => ({
      file: join(folder, name),
      line: 1,
      message: `nothing reads this; a brand has ${KNOWN.join(', ')}`,
    }));

/** One for each unknown key, otherwise one. `files`: the insurer's first. */
function findingsOf(issue: z.core.$ZodIssue, files: readonly FolderFile[]): Finding[] {
  if (issue.code === 'unrecognized_keys') {
    const known = Object.keys(valueAt(files.at(-1)?.value, issue.path));
    return issue.keys.map((key) =>
      finding([[...issue.path, key]], files, `nothing reads this; known here: ${known.join(', ')}`),
    );
  }
  if (issue.code === 'invalid_type' && issue.expected === 'object')
    return [finding([issue.path], files, 'expected keys with values')];
  if (issue.code !== 'custom' || issue.params === undefined)
    // What is missing has no line: where it belongs has.
    return [finding([issue.path, issue.path.slice(0, -1)], files, issue.message)];
  const fields = (issue.params as { readonly fields: readonly string[] }).fields.map((field) =>
    field.split('.'),
  );
  const above = issue.path.slice(0, issue.path.length - (fields[0]?.length ?? 0));
  return [
    finding(
      fields.map((field) => [...above, ...field]),
      files,
      issue.message,
    ),
  ];
}

/** Where the insurer says one of what is wrong; where we do if they say none of it. */
function finding(
  [first = [], ...others]: readonly Path[],
  files: readonly FolderFile[],
  message: string,
): Finding {
  const said = `${first.join('.')}: ${message}`;
  for (const { file, lineOf } of files)
    for (const path of [first, ...others]) {
      const line = lineOf(path);
      if (line !== undefined) return { file, line, message: said };
    }
  return { file: files[0]?.file ?? '', line: 1, message: said };
}

const valueAt = (value: unknown, path: Path): Readonly<Record<string, unknown>> => {
  const found = path.reduce<unknown>((at, step) => (isMapping(at) ? at[String(step)] : undefined), value);
  return isMapping(found) ? found : {};
};

/** Of the files of both folders, by name. */
export function fingerprintOf(folder = DEFAULT_FOLDER): string {
  const hash = createHash('sha256');
  for (const from of new Set([DEFAULT_FOLDER, folder]))
    for (const entry of readdirSync(from, { withFileTypes: true, recursive: true })
      .filter((each) => each.isFile())
      .map((each) => join(each.parentPath, each.name))
      .toSorted()) {
      const content = readFileSync(entry);
      hash.update(`${relative(from, entry)}\0${content.length}\0`).update(content);
    }
  return hash.digest('hex');
}
