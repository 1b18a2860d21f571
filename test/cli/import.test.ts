import { join } from 'node:path';
import { HEADER, useImportCommand } from './roster-command';

const { run, importing, importLines, accounts, folder, prisma } = useImportCommand();

describe('lines that go in', () => {
  it('become members, as they were typed and with folded keys', async () => {
    const result = await importLines('M1,Ana.Ruiz,Ana@Example.com,Ana,Ruiz,es');

    expect(result).toEqual({ code: 0, summary: '1 created, 0 updated, 0 unchanged, 0 refused', err: '' });
    expect(await accounts()).toMatchObject([
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
    const before = await accounts();

    const again = await importLines(...lines);

    expect(again).toMatchObject({ code: 0, summary: '0 created, 0 updated, 2 unchanged, 0 refused' });
    expect(await accounts()).toEqual(before);
  });

  it('update a member who is there, and leave what other members have', async () => {
    await importLines('M1,anna,a@example.com,Ana,Ruiz,es', 'M2,bert,b@example.com,Bert,Bell,en');
    const before = await accounts();

    const result = await importLines('M1,anna,new@example.com,Ana,Ruiz,es');

    const after = await accounts();
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
    expect(await accounts()).toMatchObject([
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
    expect(await accounts()).toMatchObject([
      { memberId: 'M1', usernameKey: 'bert', emailKey: 'b@example.com' },
      { memberId: 'M2', usernameKey: 'anna', emailKey: 'a@example.com' },
    ]);
  });

  it('may take what another member gives up further down', async () => {
    await importLines('M1,anna,a@example.com,Ana,Ruiz,es');

    const result = await importLines('M2,anna,z@example.com,B,B,en', 'M1,anna2,a@example.com,Ana,Ruiz,es');

    expect(result.code).toBe(0);
    expect(await accounts()).toMatchObject([{ username: 'anna2' }, { username: 'anna' }]);
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
    expect(await accounts()).toEqual([]);
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
    expect(await accounts()).toEqual([]);
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
    expect((await run(['members', join(folder(), 'nothing.csv')])).err).toMatch(
      /^There is no file .*nothing/,
    );
    expect((await run(['members', folder()])).err).toMatch(/is a directory, not a file\.\n$/);
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

    expect(result.err).toMatch(/reading 100 % {2}1 lines {2}\d+ lines\/s/);
    expect(result.err.endsWith('\r\x1b[K')).toBe(true);
    expect(result.summary).toContain('1 created');
  });

  it('imports nothing and says so when the database is not there', async () => {
    const databaseUrl = 'postgresql://127.0.0.1:1/nothing';

    const result = await importing(`${HEADER}\nM1,anna,a@example.com,A,B,en\n`, { databaseUrl });

    expect(result.code).toBe(1);
    expect(result.err).toMatch(/^The import failed, and nothing was imported: .*ECONNREFUSED/);
  });

  it('takes turns with another import of the same file', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => `M${i},user${i},m${i}@example.com,A,B,en`);

    const results = await Promise.all([importLines(...lines), importLines(...lines)]);

    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(await prisma().account.count()).toBe(500);
  });
});
