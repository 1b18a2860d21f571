import { useImportCommand } from './roster-command';

const { importLines, accounts, memberIds, prisma } = useImportCommand();

describe('refused lines', () => {
  it.each([
    ['an empty member id', ',anna,a@example.com,A,B,en', 'memberId: is empty'],
    [
      'a member id that is too long',
      `${'M'.repeat(65)},anna,a@example.com,A,B,en`,
      'memberId: has more than 64 characters',
    ],
    ['no username', 'M1, ,a@example.com,A,B,en', 'username: is empty'],
    [
      'a username that is too long to be typed anywhere',
      `M1,${'a'.repeat(255)},a@example.com,A,B,en`,
      'username: has more than 254 characters',
    ],
    ['a username with a line break', 'M1,"an\nna",a@example.com,A,B,en', 'username: has a control character'],
    [
      'a username with a character that nobody sees',
      'M1,an\u200bna,a@example.com,A,B,en',
      'username: has a character that cannot be seen',
    ],
    [
      'a username with a blank that is no space',
      'M1,an\u2800na,a@example.com,A,B,en',
      'username: has a character that cannot be seen',
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
    ['too many fields', 'M1,anna,a@example.com,A,B,en,x', 'has 7 fields where the header line has 6'],
    ['text after a closing quote', 'M1,anna,a@example.com,"A"x,B,en', 'its quotes do not match'],
    ['a quote inside a bare field', 'M1,anna,a@example.com,A"x",B,en', 'its quotes do not match'],
    ['a quote that is never closed', 'M1,anna,a@example.com,"A,B,en', 'its quotes do not match'],
  ])(
    'A member line is refused with field and reason, and the other lines go in: %s',
    async (_what, line, reason) => {
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
    },
  );

  it('A refused line reports each faulty field once', async () => {
    const result = await importLines(',,nobody,,,fr');

    expect(result.err.split('\n')).toEqual([
      'line 2: memberId: is empty',
      'line 2: username: is empty',
      'line 2: email: is not an email address',
      'line 2: firstName: is empty',
      'line 2: lastName: is empty',
      'line 2: language: is none of en, es',
      '',
    ]);
    expect(result.summary).toBe('0 created, 0 updated, 0 unchanged, 1 refused');
  });

  it('A line that repeats a key of an earlier line is refused, regardless of case', async () => {
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

  it('A line whose username or address belongs to another member is refused', async () => {
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

  it('A refused member keeps the username, so a line that relied on its release is refused as well', async () => {
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
    expect((await accounts()).map(({ username }) => username)).toEqual(['anna', 'bert', 'carl']);
  });

  it('A broker with the same username and address does not block a member line', async () => {
    await prisma().account.create({
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

  it('A refusal names the line on which its record begins when records span several lines', async () => {
    const result = await importLines(
      'M1,anna,a@example.com,"A\n\n",B,en',
      'M2,bert,b@example.com,B,B,en',
      'M3,"",c@example.com,C,C,en',
    );

    expect(result.err).toContain('line 6: username');
    expect(result.summary).toBe('2 created, 0 updated, 0 unchanged, 1 refused');
  });

  it('Refusals are listed up to one hundred lines and counted beyond that', async () => {
    const result = await importLines(
      ...Array.from({ length: 250 }, (_, i) => `M${i},,m${i}@example.com,A,B,fr`),
    );

    const lines = result.err.trim().split('\n');
    expect(lines).toHaveLength(201);
    expect(lines.slice(-2)).toEqual(['line 101: language: is none of en, es', '... and 150 more lines']);
    expect(result.summary).toBe('0 created, 0 updated, 0 unchanged, 250 refused');
  });

  it('Refusals of the members import repeat no personal data', async () => {
    const result = await importLines(
      'secret-id,secret\u0007name,secret@mail@example,\u202esecret,,secret',
      'secret',
    );

    expect(result.err).not.toContain('secret');
  });

  it('An unclosed quote costs only its own line, however many sound lines follow', async () => {
    const sound = Array.from({ length: 3000 }, (_, i) => `M${i},user${i},m${i}@example.com,A,B,en`);

    const result = await importLines('X,anna,"a@example.com,A,B,en', ...sound);

    expect(result).toMatchObject({
      summary: '3000 created, 0 updated, 0 unchanged, 1 refused',
      err: 'line 2: its quotes do not match\n',
    });
  });
});

describe('two lines with a stray quote each', () => {
  it('Two lines with a stray quote each are refused, and the lines between them go in', async () => {
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
