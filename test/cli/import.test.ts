import { join } from 'node:path';
import { HEADER, useImportCommand } from './roster-command';

const { run, importing, importLines, accounts, folder, prisma } = useImportCommand();

describe('accepted lines', () => {
  it('A member is stored with the values as typed and with folded keys', async () => {
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

  it('A repeated members import changes nothing', async () => {
    const lines = ['M1,anna,a@example.com,Ana,Ruiz,es', 'M2,bert,b@example.com,Bert,Bell,en'];
    await importLines(...lines);
    const before = await accounts();

    const again = await importLines(...lines);

    expect(again).toMatchObject({ code: 0, summary: '0 created, 0 updated, 2 unchanged, 0 refused' });
    expect(await accounts()).toEqual(before);
  });

  it('The members import updates an existing member and leaves other members alone', async () => {
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

  it('A roster may have any column order, a byte order mark, CRLF, blank lines, quotes, commas and newlines', async () => {
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

  it.each(['\t', ' ', '\u00a0', '\u3000', '\u200b', '\ufeff', '\u00ad', '\u202c'])(
    'A member’s values are the same with %j around each',
    async (around) => {
      await importLines('M1,anna,a@example.com,Ana,Ruiz,es');
      const values = ['M1', 'anna', 'a@example.com', 'Ana', 'Ruiz', 'es'];

      const result = await importLines(values.map((value) => around + value + around).join(','));

      expect(result).toMatchObject({ code: 0, summary: '0 created, 0 updated, 1 unchanged, 0 refused' });
    },
  );

  it('A decomposed email address is stored as typed, and its key is the composed form', async () => {
    const result = await run(['members', 'test/fixtures/cases/m-nfd-only.csv']);

    expect(result).toMatchObject({ code: 0, summary: '1 created, 0 updated, 0 unchanged, 0 refused' });
    expect(await accounts()).toMatchObject([
      { email: 'rene\u0301e.solo@example.com', emailKey: 'ren\u00e9e.solo@example.com' },
    ]);
  });

  it('A line is refused when another member has its address in another Unicode form', async () => {
    await importLines('MX-87,user87x,jose\u0301.nfd@example.com,Ines,Prado,en');

    const result = await run(['members', 'test/fixtures/cases/m-nfc-dup.csv']);

    expect(result).toMatchObject({ code: 1, err: 'line 2: email: belongs to another member\n' });
    expect(await accounts()).toMatchObject([{ memberId: 'MX-87' }]);
  });

  it('Two members may swap usernames and addresses in one file', async () => {
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

  it('A member may take a username that another member gives up on a later line', async () => {
    await importLines('M1,anna,a@example.com,Ana,Ruiz,es');

    const result = await importLines('M2,anna,z@example.com,B,B,en', 'M1,anna2,a@example.com,Ana,Ruiz,es');

    expect(result.code).toBe(0);
    expect(await accounts()).toMatchObject([{ username: 'anna2' }, { username: 'anna' }]);
  });
});

describe('spreadsheet files', () => {
  it('Header names may be in any case and have spaces around them', async () => {
    const result = await importing(
      'MEMBERID, Username ,eMail,firstname,LASTNAME,language\nM1,anna,a@example.com,A,B,en\n',
    );

    expect(result).toEqual({ code: 0, summary: '1 created, 0 updated, 0 unchanged, 0 refused', err: '' });
  });

  it('Empty rows and columns are ignored wherever they are and reported once', async () => {
    const result = await importing(
      [
        ...[
          ',,,',
          `${HEADER},,`,
          'M1,anna,a@example.com,A,B,en,,',
          ',,,,,,,',
          'M2,bert,b@example.com,B,B,en',
        ],
        ...['" "," ",,,,', 'M3,carl,c@example.com,C,C,en,,,', 'M4,dora,d@example.com,D,D,en,,x', ' '],
      ].join('\n'),
    );

    expect(result).toEqual({
      code: 1,
      summary:
        '3 created, 0 updated, 0 unchanged, 1 refused\nignored: 4 empty rows, 3 empty columns at the right',
      err: 'line 8: has 8 fields where the header line has 6\n',
    });
  });

  it('Lines may end in carriage returns alone', async () => {
    const result = await importing(
      `${HEADER}\rM1,anna,a@example.com,A,B,en\rM2,bert,b@example.com,"B",B,fr\r`,
    );

    expect(result).toEqual({
      code: 1,
      summary: '1 created, 0 updated, 0 unchanged, 1 refused',
      err: 'line 3: language: is none of en, es\n',
    });
  });

  it('Lines may end in two carriage returns and a line feed', async () => {
    const result = await importing(`${HEADER}\r\r\nM1,anna,a@example.com,A,B,en\r\r\n`);

    expect(result).toEqual({ code: 0, summary: '1 created, 0 updated, 0 unchanged, 0 refused', err: '' });
  });
});

describe('files that are not all UTF-8', () => {
  it('Lines that are not UTF-8 are reported by number, and all other lines go in', async () => {
    const sound = Array.from({ length: 3000 }, (_, i) => `M${i},user${i},m${i}@example.com,Zoë,B,en\n`);
    const bad = (id: string) => Buffer.from(`${id},${id},${id}@example.com,Jos\xe9,B,en\n`, 'latin1');
    const badInQuotes = Buffer.from('Q1,q1,q1@example.com,"Jos\n\xe9",B,en\n', 'latin1');

    const result = await importing(
      Buffer.concat([
        ...[Buffer.from(`${HEADER}\n`), bad('X1'), Buffer.from(sound.join('')), bad('X2'), badInQuotes],
        ...[Buffer.from('M9999,last,last@example.com,"Éva",B,en\n'), bad('X3').subarray(0, -1)],
      ]),
    );

    expect(result).toEqual({
      code: 1,
      summary: '3001 created, 0 updated, 0 unchanged, 4 refused',
      err: [2, 3003, 3004, 3007].map((line) => `line ${line}: is not UTF-8\n`).join(''),
    });
    expect(await prisma().account.count({ where: { firstName: 'Éva' } })).toBe(1);
  });

  it('One warning lists the lines whose letters were lost before the file was made', async () => {
    const lost = Array.from({ length: 12 }, (_, i) => `M${i},user${i},m${i}@example.com,Jos\ufffd,B,en`);

    const result = await importLines('M99,anna,a@example.com,A,B,en', ...lost);

    expect(result).toMatchObject({ code: 0, summary: '13 created, 0 updated, 0 unchanged, 0 refused' });
    expect(result.err).toBe(
      'warning: 12 lines with the replacement character U+FFFD (3, 4, 5, 6, 7, 8, 9, 10, 11, 12, ...): ' +
        'letters were lost before this file was made. Export it again as UTF-8 and import that.\n',
    );
  });
});

describe('files that cannot be imported', () => {
  const columns =
    'The columns of the members roster are memberId,username,email,firstName,lastName,language.';

  it.each([
    [
      'a missing column',
      'memberId,username,firstName,lastName',
      `The header line (line 1) lacks "email", "language". ${columns}`,
    ],
    ['an unknown column', `${HEADER},ssn`, `The header line (line 1) has 1 unknown column. ${columns}`],
    ['a repeated column', `${HEADER},email`, `The header line (line 1) repeats "email". ${columns}`],
    [
      'several faults',
      'memberId,username,email,email,first,lastName,language',
      `The header line (line 1) lacks "firstName", and has 1 unknown column, and repeats "email". ${columns}`,
    ],
    ['a broken header', `"${HEADER}`, 'The header line (line 1) cannot be read: its quotes do not match.'],
  ])('A file with a faulty header line is refused: %s', async (_what, header, message) => {
    const result = await importing(`${header}\nM1,anna,a@example.com,A,B,en,x\n`);

    expect(result).toEqual({ code: 1, summary: '', err: `${message}\n` });
    expect(await accounts()).toEqual([]);
  });

  it.each([
    ['empty', '', 'is empty: not even a header line.'],
    ['blank', '\n\r\n\n', 'has blank lines only: no header line.'],
    ['a byte order mark alone', '\ufeff', 'has blank lines only: no header line.'],
    ['a header alone', `${HEADER}\n`, 'has a header line and nothing below it.'],
    ['a header without a line end', HEADER, 'has a header line and nothing below it.'],
    ['UTF-16', Buffer.from(`\ufeff${HEADER}\n`, 'utf16le'), 'is not text in UTF-8. It looks like UTF-16'],
    ['UTF-16 without its mark', Buffer.from(`${HEADER}\n`, 'utf16le'), 'It looks like UTF-16'],
    [
      'a workbook',
      Buffer.from('PK\x03\x04\x14\x00\x06\x00\x08'),
      'a workbook (.xlsx) or another binary file',
    ],
    [
      'a header line of another encoding',
      Buffer.from(`${HEADER},a\xf1o\nM1,anna,a@example.com,A,B,en,1\n`, 'latin1'),
      'The header line (line 1) cannot be read: is not UTF-8.',
    ],
    [
      'semicolons',
      `${HEADER.replaceAll(',', ';')}\nM1;anna;a@example.com;A;B;en\n`,
      'has 1 unknown column. The columns of the members roster are memberId,username,email,firstName,lastName,language. Are its fields separated by something other than commas?',
    ],
    [
      'one endless line',
      `${HEADER}\n${'x'.repeat(3_000_000)}`,
      'Line 2 is longer than a megabyte: this is no roster.',
    ],
  ])('An unusable file is refused with the reason: %s', async (_what, content, message) => {
    const result = await importing(content);

    expect(result).toMatchObject({ code: 1, summary: '' });
    expect(result.err).toContain(message);
  });

  it('A missing file or a directory is reported as such', async () => {
    expect((await run(['members', join(folder(), 'nothing.csv')])).err).toMatch(
      /^There is no file .*nothing/,
    );
    expect((await run(['members', folder()])).err).toMatch(/is a directory, not a file\.\n$/);
  });
});

describe('command line', () => {
  it.each([
    [[], 'Usage: npm run import -- <kind> <file.csv>\nKinds of rosters: members'],
    [['members'], 'Usage'],
    [['members', 'a.csv', 'b.csv'], 'Usage'],
    [['stuff', 'a.csv'], 'There is no roster of kind "stuff". Kinds of rosters: members'],
  ])('The import command explains wrong arguments: %j', async (args, message) => {
    const result = await run(args);

    expect(result.code).toBe(1);
    expect(result.err).toContain(message);
  });

  it('The import command shows its progress on a terminal and clears it at the end', async () => {
    const result = await importing(`${HEADER}\nM1,anna,a@example.com,A,B,en\n`, { isTerminal: true });

    expect(result.err).toMatch(/reading 100 % {2}1 lines {2}\d+ lines\/s/);
    expect(result.err.endsWith('\r\x1b[K')).toBe(true);
    expect(result.summary).toContain('1 created');
  });

  it('The import command imports nothing and says so when it cannot reach the database', async () => {
    const databaseUrl = 'postgresql://127.0.0.1:1/nothing';

    const result = await importing(`${HEADER}\nM1,anna,a@example.com,A,B,en\n`, { databaseUrl });

    expect(result.code).toBe(1);
    expect(result.err).toMatch(/^The import failed, and nothing was imported: .*ECONNREFUSED/);
  });

  it('Two imports of the same file at once take turns', async () => {
    const lines = Array.from({ length: 500 }, (_, i) => `M${i},user${i},m${i}@example.com,A,B,en`);

    const results = await Promise.all([importLines(...lines), importLines(...lines)]);

    expect(results.map(({ code }) => code)).toEqual([0, 0]);
    expect(await prisma().account.count()).toBe(500);
  });
});
