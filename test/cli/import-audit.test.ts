import { createHash, randomBytes } from 'node:crypto';
import { HEADER, useImportCommand } from './roster-command';

const { run, importing, importAgents, importCase, accounts, folder, prisma } = useImportCommand();

const events = () =>
  prisma().auditEvent.findMany({ where: { action: 'roster-imported' }, orderBy: { id: 'asc' } });
const digestOf = (content: string): string => createHash('sha256').update(content).digest('hex');

it('Each import writes one audit event with operator, kind, file digest and counts, and no personal data', async () => {
  const sound = `${HEADER}\nM1,anna,a@example.com,Ana,Ruiz,es\n`;
  const mixed = `${sound}M2,bert,nobody,Bert,Bell,en\n`;

  await importing(sound);
  await importing(mixed);

  const [first, second, ...others] = await events();
  expect(first).toMatchObject({
    outcome: 'success',
    operator: 'ana',
    accountId: null,
    apiKeyId: null,
    address: null,
    about: `members roster, SHA-256 ${digestOf(sound)}: 1 created, 0 updated, 0 unchanged, 0 refused`,
  });
  expect(second).toMatchObject({
    outcome: 'lines_refused',
    operator: 'ana',
    about: `members roster, SHA-256 ${digestOf(mixed)}: 0 created, 0 updated, 1 unchanged, 1 refused`,
  });
  expect(others).toEqual([]);
});

it('A failed import writes an audit event too, and a missing file writes none', async () => {
  await importCase('members', 'a-no-header');
  await run(['members', `${folder()}/nothing.csv`]);

  const [event, ...others] = await events();
  expect(event).toMatchObject({ outcome: 'import_failed', operator: 'ana' });
  expect(event!.about).toMatch(/^members roster, SHA-256 [0-9a-f]{64}$/);
  expect(others).toEqual([]);
});

it('The audit event of a roster with SSN digits has no file digest, which would let the digits be guessed', async () => {
  const peppers = `2026:${randomBytes(32).toString('base64')}`;

  await importAgents(['A100,agent,Dana,Whitfield,,,904417,dana@example.com,,Loyal,'], peppers);
  await importCase('agents', 'a-no-header', { peppers });

  expect((await events()).map(({ about }) => about)).toEqual([
    'agents roster: 1 created, 0 updated, 0 unchanged, 0 refused',
    'agents roster',
  ]);
});

describe('a row that PostgreSQL refuses', () => {
  beforeEach(() =>
    prisma().$transaction([
      prisma().$executeRaw`
        CREATE FUNCTION refuse_row() RETURNS trigger LANGUAGE plpgsql AS $$
        BEGIN RAISE EXCEPTION 'no %', NEW.email USING DETAIL = NEW.email; END $$`,
      prisma()
        .$executeRaw`CREATE TRIGGER refuse_row BEFORE INSERT ON accounts FOR EACH ROW EXECUTE FUNCTION refuse_row()`,
    ]),
  );
  afterEach(() => prisma().$executeRaw`DROP FUNCTION refuse_row() CASCADE`);

  it('A row that PostgreSQL refuses is reported by code and without values, imports nothing and is audited', async () => {
    const result = await importing(`${HEADER}\nM1,anna,secret@example.com,Ana,Ruiz,es\n`);

    expect(result).toEqual({
      code: 1,
      summary: '',
      err: 'The import failed, and nothing was imported: PostgreSQL refused it, P0001\n',
    });
    expect(await accounts()).toEqual([]);
    expect((await events()).map(({ outcome }) => outcome)).toEqual(['import_failed']);
  });
});
