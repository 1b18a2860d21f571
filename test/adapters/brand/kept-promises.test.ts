/** What people rely on: answered questions are in test/cli/brand.test.ts, accepted terms here. */
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { keepPromises, refuseBrokenPromises } from '../../../src/adapters/brand/kept-promises';
import { describeFinding, loadBrand, type BrandError } from '../../../src/adapters/brand/load-brand';
import { insertAccount } from '../postgres/records';
import { brandFolder, writeIn } from '../../support/brand';
import { createTestDatabase, type TestDatabase } from '../../support/database';

let database: TestDatabase;
beforeAll(async () => (database = await createTestDatabase()));
beforeEach(async () => {
  await database.prisma.account.deleteMany();
  await database.prisma.termsText.deleteMany();
});
afterAll(() => database.drop());

const terms = (text: string) => `---\ndate: 2027-01-01\n---\n\n${text}\n`;
const naming = (termsVersion: string) => `portals: { broker: { termsVersion: ${termsVersion} } }\n`;
const write = (folder: string, version: string, language: string, text: string) =>
  writeIn(folder, `terms/${version}.${language}.md`, terms(text));

function folderWith(version: string): string {
  const folder = brandFolder({ 'portal.yaml': naming(version) });
  for (const language of ['en', 'es']) write(folder, version, language, 'Be kind.');
  return folder;
}

/** The API starts with the folder. */
const start = (folder: string) => keepPromises(database.prisma.pool, loadBrand(folder));

async function accept(version: string): Promise<string> {
  const id = await insertAccount(database.prisma, { portal: 'broker' });
  await database.prisma.account.update({ where: { id }, data: { termsVersion: version } });
  return id;
}

const found = async (run: Promise<void>): Promise<string[]> =>
  run.then(
    () => [],
    (error: BrandError) => error.findings.map(describeFinding),
  );

it('terms that nobody has accepted may change', async () => {
  const folder = folderWith('2027-01');
  await start(folder);

  write(folder, '2027-01', 'en', 'Be very kind.');

  expect(await found(start(folder))).toEqual([]);
});

it('terms that somebody has accepted may not: API and worker tell the file, and what to do', async () => {
  const folder = folderWith('2027-01');
  await start(folder);
  await accept('2027-01');

  write(folder, '2027-01', 'es', 'Sea muy amable.');

  const expected = [
    `${join(folder, 'terms/2027-01.es.md')}:1: is not the text of version 2027-01 that people have accepted: ` +
      'put that back, and make a new version of this one',
  ];
  expect(await found(start(folder))).toEqual(expected);
  expect(await found(refuseBrokenPromises(database.prisma.pool, loadBrand(folder)))).toEqual(expected);
});

it('what counts is the text that was there when somebody accepted it, however often it changed before', async () => {
  const folder = folderWith('2027-01');
  await start(folder);
  write(folder, '2027-01', 'en', 'Be very kind.');
  await start(folder);
  await accept('2027-01');
  await start(folder);

  write(folder, '2027-01', 'en', 'Be kind.');
  expect(await found(start(folder))).toHaveLength(1);
  write(folder, '2027-01', 'en', 'Be very kind.');

  expect(await found(start(folder))).toEqual([]);
});

it('a new version is welcome; the earlier one stays as it was, or goes', async () => {
  const folder = folderWith('2027-01');
  await start(folder);
  const id = await accept('2027-01');
  for (const language of ['en', 'es']) write(folder, '2028-01', language, 'Be kind to all.');
  writeIn(folder, 'portal.yaml', naming('2028-01'));

  expect(await found(start(folder))).toEqual([]);
  await database.prisma.account.update({ where: { id }, data: { termsVersion: '2028-01' } });
  // Nobody's account has the earlier version any more.
  write(folder, '2027-01', 'en', 'Be unkind.');
  expect(await found(start(folder))).toEqual([expect.stringContaining('2027-01.en.md:1: is not the text')]);
  rmSync(join(folder, 'terms/2027-01.en.md'));

  expect(await found(start(folder))).toEqual([]);
});

it('other line ends, and space at the end, are no other text; another day is', async () => {
  const folder = folderWith('2027-01');
  await start(folder);
  await accept('2027-01');

  writeIn(folder, 'terms/2027-01.en.md', `${terms('Be kind.').replaceAll('\n', '\r\n')}\r\n`);
  expect(await found(start(folder))).toEqual([]);
  for (const language of ['en', 'es'])
    writeIn(folder, `terms/2027-01.${language}.md`, terms('Be kind.').replace('2027-01-01', '2027-02-01'));

  expect(await found(start(folder))).toHaveLength(2);
});

it('terms that were accepted before texts were noted are kept from the next start on, and a language may be added', async () => {
  const folder = folderWith('2027-01');
  await accept('2027-01');
  await start(folder);

  write(folder, '2027-01', 'en', 'Be very kind.');

  expect(await found(start(folder))).toHaveLength(1);
  const { prisma } = database;
  await prisma.termsText.delete({ where: { version_language: { version: '2027-01', language: 'en' } } });
  expect(await found(start(folder))).toEqual([]);
});
