import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { importCommand } from '../../src/cli/import';
import { createTestDatabase, type TestDatabase } from '../support/database';

let database: TestDatabase;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), 'tenure-import-'));
});
afterEach(() => database.prisma.account.deleteMany());
afterAll(async () => {
  await database.drop();
  rmSync(folder, { recursive: true });
});

const HEADER = 'memberId,username,email,firstName,lastName,language';

async function run(args: readonly string[], { isTerminal = false } = {}) {
  let out = '';
  let err = '';
  const code = await importCommand(
    args,
    { DATABASE_URL: database.url },
    { out: (text) => (out += text), err: (text) => (err += text), isTerminal },
  );
  return { code, summary: out.replace(/ in [\d.]+ s\n$/, ''), err };
}

let files = 0;
async function importing(content: string | Buffer, options?: { isTerminal: boolean }) {
  const file = join(folder, `members-${files++}.csv`);
  writeFileSync(file, content);
  return run(['members', file], options);
}

const importLines = (...lines: string[]) => importing([HEADER, ...lines].join('\n'));

const members = () =>
  database.prisma.account.findMany({
    orderBy: { memberId: 'asc' },
    select: {
      portal: true,
      memberId: true,
      username: true,
      usernameKey: true,
      email: true,
      emailKey: true,
      firstName: true,
      lastName: true,
      language: true,
    },
  });

const memberIds = async () => (await members()).map(({ memberId }) => memberId);

describe('lines that go in', () => {
  it('become members, as they were typed and with folded keys', async () => {
    const result = await importLines('M1,Ana.Ruiz,Ana@Example.com,Ana,Ruiz,es');

    expect(result).toEqual({ code: 0, summary: '1 created, 0 updated, 0 unchanged, 0 refused', err: '' });
    expect(await members()).toEqual([
      {
        portal: 'member',
        memberId: 'M1',
        username: 'Ana.Ruiz',
        usernameKey: 'ana.ruiz',
        email: 'Ana@Example.com',
        emailKey: 'ana@example.com',
        firstName: 'Ana',
        lastName: 'Ruiz',
        language: 'es',
      },
    ]);
  });

  it('change nothing the second time', async () => {
    const lines = ['M1,anna,a@example.com,Ana,Ruiz,es', 'M2,bert,b@example.com,Bert,Bell,en'];
    await importLines(...lines);
    const before = await database.prisma.account.findMany();

    const again = await importLines(...lines);

    expect(again).toMatchObject({ code: 0, summary: '0 created, 0 updated, 2 unchanged, 0 refused' });
    expect(await database.prisma.account.findMany()).toEqual(before);
  });

  it('update a member who is there, and leave what other members have', async () => {
    await importLines('M1,anna,a@example.com,Ana,Ruiz,es', 'M2,bert,b@example.com,Bert,Bell,en');
    const before = await database.prisma.account.findMany({ orderBy: { memberId: 'asc' } });

    const result = await importLines('M1,anna,new@example.com,Ana,Ruiz,es');

    const after = await database.prisma.account.findMany({ orderBy: { memberId: 'asc' } });
    expect(result.summary).toBe('0 created, 1 updated, 0 unchanged, 0 refused');
    expect(after[0]).toMatchObject({
      id: before[0]!.id,
      email: 'new@example.com',
      emailKey: 'new@example.com',
    });
    expect(after[0]!.updatedAt.getTime()).toBeGreaterThan(before[0]!.updatedAt.getTime());
    expect(after[1]).toEqual(before[1]);
  });

  it('may stand in any order of columns, with a byte order mark, CRLF, blank lines, quotes, commas and newlines', async () => {
    const result = await importing(
      '\ufeff"email",memberId,language,lastName,firstName,username\r\n\r\n' +
        'a@example.com, M1 ,en,"O\'Hara, ""Bo""",Ana,anna\r\n' +
        '"b@example.com","M2",es,"Bell","Bert","bert"\r\n',
    );

    expect(result).toMatchObject({ code: 0, summary: '2 created, 0 updated, 0 unchanged, 0 refused' });
    expect(await members()).toMatchObject([
      { memberId: 'M1', lastName: 'O\'Hara, "Bo"', username: 'anna' },
      { memberId: 'M2', lastName: 'Bell' },
    ]);
  });

  it('may swap usernames and addresses among themselves', async () => {
    await importLines('M1,anna,a@example.com,Ana,Ruiz,es', 'M2,bert,b@example.com,Bert,Bell,en');

    const result = await importLines(
      'M1,bert,b@example.com,Ana,Ruiz,es',
      'M2,anna,a@example.com,Bert,Bell,en',
    );

    expect(result).toMatchObject({ code: 0, summary: '0 created, 2 updated, 0 unchanged, 0 refused' });
    expect(await members()).toMatchObject([
      { memberId: 'M1', usernameKey: 'bert', emailKey: 'b@example.com' },
      { memberId: 'M2', usernameKey: 'anna', emailKey: 'a@example.com' },
    ]);
  });

  it('may take what another member gives up further down', async () => {
    await importLines('M1,anna,a@example.com,Ana,Ruiz,es');

    const result = await importLines('M2,anna,z@example.com,B,B,en', 'M1,anna2,a@example.com,Ana,Ruiz,es');

    expect(result.code).toBe(0);
    expect(await members()).toMatchObject([{ username: 'anna2' }, { username: 'anna' }]);
  });
});

describe('lines that do not go in', () => {
  it.each([
    ['an empty member id', ',anna,a@example.com,A,B,en', 'memberId: is empty'],
    [
      'a member id that is too long',
      `${'M'.repeat(65)},anna,a@example.com,A,B,en`,
      'memberId: has more than 64 characters',
    ],
    ['a username that is too short', 'M1,ana,a@example.com,A,B,en', 'username: has fewer than 4 characters'],
    [
      'a username that is too long',
      `M1,${'a'.repeat(31)},a@example.com,A,B,en`,
      'username: has more than 30 characters',
    ],
    ['a username without a letter', 'M1,12-34,a@example.com,A,B,en', 'username: has no letter'],
    [
      'a username with six digits in a row',
      'M1,a123456,a@example.com,A,B,en',
      'username: has more than 5 digits in a row',
    ],
    [
      'a username with a space',
      'M1,an na,a@example.com,A,B,en',
      'username: has a character other than A-Z, a-z, 0-9 and ._-@',
    ],
    ['no email', 'M1,anna,,A,B,en', 'email: is empty'],
    ['something that is no email', 'M1,anna,a@example,A,B,en', 'email: is not an email address'],
    ['an email with two at signs', 'M1,anna,a@b@example.com,A,B,en', 'email: is not an email address'],
    [
      'an email of 255 characters',
      `M1,anna,a@${'x'.repeat(249)}.com,A,B,en`,
      'email: has more than 254 characters',
    ],
    [
      'a newline in an email',
      'M1,anna,"a@example.com\nBcc: x@example.com",A,B,en',
      'email: has a control character',
    ],
    ['no first name', 'M1,anna,a@example.com," ",B,en', 'firstName: is empty'],
    [
      'a last name of 101 characters',
      `M1,anna,a@example.com,A,${'b'.repeat(101)},en`,
      'lastName: has more than 100 characters',
    ],
    ['a NUL in a name', 'M1,anna,a@example.com,A\0,B,en', 'firstName: has a control character'],
    ['a mark that turns text', 'M1,anna,a@example.com,A\u202eB,B,en', 'firstName: has a control character'],
    ['a language we do not speak', 'M1,anna,a@example.com,A,B,EN', 'language: is none of en, es'],
    ['too few fields', 'M1,anna,a@example.com,A,B', 'has 5 fields where the header line has 6'],
    ['too many fields', 'M1,anna,a@example.com,A,B,en,', 'has 7 fields where the header line has 6'],
    ['text after a closing quote', 'M1,anna,a@example.com,"A"x,B,en', 'its quotes do not match'],
    ['a quote inside a bare field', 'M1,anna,a@example.com,A"x",B,en', 'its quotes do not match'],
    ['a quote that is never closed', 'M1,anna,a@example.com,"A,B,en', 'its quotes do not match'],
  ])('are named with field and reason, and the others go in: %s', async (_what, line, reason) => {
    const result = await importLines(
      'M0,first,first@example.com,F,F,en',
      line,
      'M9,last,last@example.com,L,L,en',
    );

    expect(result).toEqual({
      code: 1,
      summary: '2 created, 0 updated, 0 unchanged, 1 refused',
      err: `line 3: ${reason}\n`,
    });
    expect(await memberIds()).toEqual(['M0', 'M9']);
  });

  it('tell each field once', async () => {
    const result = await importLines(',1,nobody,,,fr');

    expect(result.err.split('\n')).toEqual([
      'line 2: memberId: is empty',
      'line 2: username: has fewer than 4 characters',
      'line 2: email: is not an email address',
      'line 2: firstName: is empty',
      'line 2: lastName: is empty',
      'line 2: language: is none of en, es',
      '',
    ]);
    expect(result.summary).toBe('0 created, 0 updated, 0 unchanged, 1 refused');
  });

  it('are those that repeat a key of an earlier line, folded', async () => {
    const result = await importLines(
      'M1,anna,a@example.com,A,A,en',
      'M1,other,other@example.com,A,A,en',
      'M3,ANNA,c@example.com,C,C,en',
      'M4,dora,A@EXAMPLE.COM,D,D,en',
      'M5,emil,e@example.com,E,E,en',
    );

    expect(result.err).toBe(
      'line 3: memberId: is on line 2 already\n' +
        'line 4: username: is on line 2 already\n' +
        'line 5: email: is on line 2 already\n',
    );
    expect(await memberIds()).toEqual(['M1', 'M5']);
  });

  it('are those whose username or address belongs to another member', async () => {
    await importLines('M1,anna,a@example.com,A,A,en');

    const result = await importLines(
      'M2,Anna,b@example.com,B,B,en',
      'M3,carl,A@example.com,C,C,en',
      'M4,dora,d@example.com,D,D,en',
    );

    expect(result.err).toBe(
      'line 2: username: belongs to another member\nline 3: email: belongs to another member\n',
    );
    expect(await memberIds()).toEqual(['M1', 'M4']);
  });

  it('keep what they had, so that a line that counted on it does not go in either', async () => {
    await importLines(
      'M1,anna,a@example.com,A,A,en',
      'M2,bert,b@example.com,B,B,en',
      'M3,carl,c@example.com,C,C,en',
    );

    // M1 wants M2's name, who would take M3's, who keeps it.
    const result = await importLines('M1,bert,a@example.com,A,A,en', 'M2,carl,b@example.com,B,B,en');

    expect(result.err).toBe(
      'line 2: username: belongs to another member\nline 3: username: belongs to another member\n',
    );
    expect((await members()).map(({ username }) => username)).toEqual(['anna', 'bert', 'carl']);
  });

  it('do not stand in the way of brokers with the same name', async () => {
    await database.prisma.account.create({
      data: {
        portal: 'broker',
        username: 'anna',
        usernameKey: 'anna',
        email: 'a@example.com',
        emailKey: 'a@example.com',
        firstName: 'A',
        lastName: 'A',
        language: 'en',
      },
    });

    const result = await importLines('M1,anna,a@example.com,A,A,en');

    expect(result.code).toBe(0);
  });

  it('are counted by the line they begin on when records have several', async () => {
    const result = await importLines(
      'M1,anna,a@example.com,"A\n\n",B,en',
      'M2,bert,b@example.com,B,B,en',
      'M3,x,c@example.com,C,C,en',
    );

    expect(result.err).toContain('line 6: username');
    expect(result.summary).toBe('2 created, 0 updated, 0 unchanged, 1 refused');
  });

  it('are named up to a hundred, and counted beyond', async () => {
    const result = await importLines(
      ...Array.from({ length: 250 }, (_, i) => `M${i},x,m${i}@example.com,A,B,fr`),
    );

    const lines = result.err.trim().split('\n');
    expect(lines).toHaveLength(201);
    expect(lines.slice(-2)).toEqual(['line 101: language: is none of en, es', '... and 150 more lines']);
    expect(result.summary).toBe('0 created, 0 updated, 0 unchanged, 250 refused');
  });

  it('repeat nothing of a person', async () => {
    const result = await importLines(
      'secret-id,secret name,secret@mail@example,\u202esecret,,secret',
      'secret',
    );

    expect(result.err).not.toContain('secret');
  });

  it('end with the line of an unclosed quote when the next lines are sound, however many there are', async () => {
    const sound = Array.from({ length: 3000 }, (_, i) => `M${i},user${i},m${i}@example.com,A,B,en`);

    const result = await importLines('X,anna,"a@example.com,A,B,en', ...sound);

    expect(result).toMatchObject({
      summary: '3000 created, 0 updated, 0 unchanged, 1 refused',
      err: 'line 2: its quotes do not match\n',
    });
  });
});

describe('two lines with a stray quote each', () => {
  it('are refused, and those between them go in', async () => {
    const result = await importLines(
      'M1,anna,a@example.com,"A,B,en',
      'M2,bert,b@example.com,B,B,en',
      'M3,carl,c@example.com,C"C,C,en',
      'M4,dora,d@example.com,D,D,en',
    );

    expect(result.err).toBe('line 2: its quotes do not match\nline 4: its quotes do not match\n');
    expect(await memberIds()).toEqual(['M2', 'M4']);
  });
});

describe('a file that cannot be imported', () => {
  const columns = 'The columns of a members roster are memberId,username,email,firstName,lastName,language.';

  it.each([
    [
      'a missing column',
      'memberId,username,firstName,lastName',
      `The header line lacks "email", "language". ${columns}`,
    ],
    ['an unknown column', `${HEADER},ssn`, `The header line has unknown "ssn". ${columns}`],
    ['a repeated column', `${HEADER},email`, `The header line repeats "email". ${columns}`],
    [
      'several faults',
      'memberId,username,email,email,first,lastName,language',
      `The header line lacks "firstName", and has unknown "first", and repeats "email". ${columns}`,
    ],
    ['a broken header', `"${HEADER}`, 'The quotes of the header line (line 1) do not match.'],
  ])('is refused at its header: %s', async (_what, header, message) => {
    const result = await importing(`${header}\nM1,anna,a@example.com,A,B,en,x\n`);

    expect(result).toEqual({ code: 1, summary: '', err: `${message}\n` });
    expect(await members()).toEqual([]);
  });

  it('is refused when a byte anywhere in it is not UTF-8, naming the line', async () => {
    const sound = Array.from({ length: 3000 }, (_, i) => `M${i},user${i},m${i}@example.com,Zoë,B,en\n`);
    const content = Buffer.concat([
      Buffer.from(`${HEADER}\n${sound.join('')}`),
      Buffer.from('M9999,last,last@example.com,Jos\xe9,B,en', 'latin1'),
    ]);

    const result = await importing(content);

    expect(result).toMatchObject({
      code: 1,
      err: 'Line 3002 is not UTF-8. Save the file as UTF-8 and import it again.\n',
    });
    expect(await members()).toEqual([]);
  });

  it.each([
    ['empty', '', 'is empty: not even a header line.'],
    ['blank', '\n\r\n\n', 'has blank lines only: no header line.'],
    ['a byte order mark alone', '\ufeff', 'has blank lines only: no header line.'],
    ['a header alone', `${HEADER}\n`, 'has a header line and nothing below it.'],
    ['a header without a line end', HEADER, 'has a header line and nothing below it.'],
    ['UTF-16', Buffer.from(`\ufeff${HEADER}\n`, 'utf16le'), 'Line 1 is not UTF-8.'],
    [
      'one endless line',
      `${HEADER}\n${'x'.repeat(3_000_000)}`,
      'Line 2 is longer than a megabyte: this is no roster.',
    ],
  ])('is told by what is wrong with it: %s', async (_what, content, message) => {
    const result = await importing(content);

    expect(result).toMatchObject({ code: 1, summary: '' });
    expect(result.err).toContain(message);
  });

  it('is told when it is not there, or is a directory', async () => {
    expect((await run(['members', join(folder, 'nothing.csv')])).err).toMatch(/^There is no file .*nothing/);
    expect((await run(['members', folder])).err).toMatch(/is a directory, not a file\.\n$/);
  });
});

describe('the command line', () => {
  it.each([
    [[], 'Usage: npm run import -- <kind> <file.csv>\nKinds of rosters: members'],
    [['members'], 'Usage'],
    [['members', 'a.csv', 'b.csv'], 'Usage'],
    [['stuff', 'a.csv'], 'There is no roster of kind "stuff". Kinds of rosters: members'],
  ])('is explained when it is wrong: %j', async (args, message) => {
    const result = await run(args);

    expect(result.code).toBe(1);
    expect(result.err).toContain(message);
  });

  it('shows its progress to a person, and clears it away', async () => {
    const result = await importing(`${HEADER}\nM1,anna,a@example.com,A,B,en\n`, { isTerminal: true });

    expect(result.err).toMatch(/reading 100 % {2}1 lines {2}\d+ lines\/s.*\r\x1b\[K$/);
    expect(result.summary).toContain('1 created');
  });

  it('imports nothing and says so when the database is not there', async () => {
    const file = join(folder, 'members.csv');
    writeFileSync(file, `${HEADER}\nM1,anna,a@example.com,A,B,en\n`);
    let err = '';

    const code = await importCommand(
      ['members', file],
      { DATABASE_URL: 'postgresql://127.0.0.1:1/nothing' },
      { out: () => {}, err: (text) => (err += text), isTerminal: false },
    );

    expect(code).toBe(1);
    expect(err).toMatch(/^The import failed, and nothing was imported: .*ECONNREFUSED/);
  });

  it('takes turns with another import of the same file', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => `M${i},user${i},m${i}@example.com,A,B,en`);

    const results = await Promise.all([importLines(...lines), importLines(...lines)]);

    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(await database.prisma.account.count()).toBe(500);
  });
});
