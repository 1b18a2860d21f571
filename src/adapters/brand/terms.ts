/** The terms of use in a folder: `terms/<version>.<language>.md`, with the day from which they hold at the top. */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Language, Terms } from '../../domain/portal';
import type { Finding } from './folder-file';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]*\.[a-z]{2,3}\.md$/;
const CONTENT = /^---\r?\ndate: *(\d{4}-\d{2}-\d{2})[ \t]*\r?\n---\r?\n\s*(\S[^]*)$/;

/**
 * The version in every language: from the first of `folders` that has the file. `missing`: languages in which nobody has it.
 * Terms with findings, or that miss a language, are not to be used.
 */
export function loadTerms(
  version: string,
  languages: readonly Language[],
  folders: readonly string[],
): { readonly terms: Terms; readonly missing: readonly string[]; readonly findings: readonly Finding[] } {
  const findings: Finding[] = [];
  const missing: string[] = [];
  const text: Record<Language, string> = {};
  let date: string | undefined;
  for (const language of languages) {
    const file = fileOf(version, language, folders);
    if (file === undefined) {
      missing.push(nameOf(version, language));
      continue;
    }
    const [, since = '', written = ''] = CONTENT.exec(readFileSync(file, 'utf8')) ?? [];
    const found = (line: number, message: string) => findings.push({ file, line, message });
    if (written === '')
      found(1, 'expected "---", "date: 2026-01-31", "---", each on its line, and then the terms');
    else if (!z.iso.date().safeParse(since).success) found(2, `date: ${since} is no day`);
    else if (since !== (date ??= since)) found(2, `date: ${since}: in another language it is ${date}`);
    text[language] = written;
  }
  return { terms: { version, date: date ?? '', text }, missing, findings };
}

/** The file of a version, and a SHA-256 of what is in it, whatever ends its lines; undefined: no folder has it. */
export function termsFile(
  version: string,
  language: Language,
  folders: readonly string[],
): { readonly file: string; readonly digest: string } | undefined {
  const file = fileOf(version, language, folders);
  if (file === undefined) return undefined;
  const text = readFileSync(file, 'utf8').replaceAll('\r\n', '\n').trimEnd();
  return { file, digest: createHash('sha256').update(text).digest('hex') };
}

/** In the first folder that has it. */
const fileOf = (version: string, language: Language, folders: readonly string[]): string | undefined =>
  folders.map((folder) => join(folder, nameOf(version, language))).find(existsSync);

const nameOf = (version: string, language: Language): string => `terms/${version}.${language}.md`;

/** A mistyped name would go unnoticed. */
export function checkTermsNames(folder: string): readonly Finding[] {
  const path = join(folder, 'terms');
  if (!existsSync(path)) return [];
  return readdirSync(path)
    .filter((name) => !NAME.test(name))
    .map((name) => ({
      file: join(path, name),
      line: 1,
      message: 'nothing reads this; terms are <version>.<language>.md',
    }));
}
