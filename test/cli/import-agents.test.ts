import { randomBytes } from 'node:crypto';
import { createKeyring } from '../../src/adapters/keys/keyring';
import { AGENTS_HEADER, useImportCommand } from './roster-command';

const { importing, importAgents, agents, prisma } = useImportCommand();

const oldKey = randomBytes(32);
const newKey = randomBytes(32);
const OLD = `2025:${oldKey.toString('base64')}`;
const NEW = `2026:${newKey.toString('base64')}`;
const ROTATED = `${NEW},${OLD}`;
const keyring = createKeyring([
  { id: '2026', key: newKey },
  { id: '2025', key: oldKey },
]);

/** A line of the roster. Each field that matters may be given. */
function line(fields: Partial<Record<string, string>> = {}): string {
  const row: Record<string, string | undefined> = {
    agentNumber: 'A100',
    kind: 'agent',
    firstName: 'Dana',
    lastName: 'Whitfield',
    previousLastNames: '',
    principalAgentNumber: '',
    ssnLast6: '904417',
    email: 'dana@example.com',
    welcomedOn: '2026-01-12',
    company: 'Loyal American Life',
    terminatedOn: '',
    ...fields,
  };
  return AGENTS_HEADER.split(',')
    .map((column) => row[column])
    .join(',');
}
const corporation = (fields: Partial<Record<string, string>> = {}): string =>
  line({
    agentNumber: '77-1003',
    kind: 'corporation',
    firstName: '',
    lastName: 'Whitfield & Partners',
    principalAgentNumber: 'A100',
    ...fields,
  });
const importing1 = (...lines: string[]) => importAgents(lines, OLD);

describe('accepted agents', () => {
  it('An agent’s values are the same with spaces or invisible characters around them', async () => {
    await importing1(line({ previousLastNames: 'Ortega;Vega' }));
    const row = line({ previousLastNames: 'Ortega\u200b;\u00a0Vega' });

    const result = await importing1(row.replaceAll(/[^,]+/g, '\u00a0\u200b$&\ufeff\t'));

    expect(result).toMatchObject({ code: 0, summary: '0 created, 0 updated, 1 unchanged, 0 refused' });
  });

  it('The agents import stores names as given, folded keys, and only a keyed digest of the SSN digits', async () => {
    const result = await importing1(
      line({
        agentNumber: 'ab 100-1',
        lastName: 'O’Hara-Núñez',
        previousLastNames: ' de la Cruz;Núñez ;; NUNEZ',
        terminatedOn: '2026-12-31',
      }),
    );

    expect(result).toEqual({ code: 0, summary: '1 created, 0 updated, 0 unchanged, 0 refused', err: '' });
    expect(await agents()).toMatchObject([
      {
        agentKey: 'AB1001',
        agentNumber: 'ab 100-1',
        kind: 'agent',
        firstName: 'Dana',
        lastName: 'O’Hara-Núñez',
        firstNameKey: 'dana',
        lastNameKeys: ['ohara nunez', 'de la cruz', 'nunez'],
        previousLastNames: ['de la Cruz', 'Núñez', 'NUNEZ'],
        principalKey: null,
        ssnDigest: keyring.ssnDigest('2025', '904417'),
        pepperId: '2025',
        email: 'dana@example.com',
        welcomedOn: new Date('2026-01-12'),
        company: 'Loyal American Life',
        terminatedOn: new Date('2026-12-31'),
      },
    ]);
    expect(JSON.stringify(await agents())).not.toContain('904417');
  });

  it('An agent may have neither a welcome date nor a termination date', async () => {
    await importing1(line({ welcomedOn: '', terminatedOn: '' }));

    expect(await agents()).toMatchObject([{ welcomedOn: null, terminatedOn: null }]);
  });

  it('A repeated agents import changes nothing', async () => {
    const lines = [line({ previousLastNames: 'Boyd;Reyes' }), corporation()];
    await importing1(...lines);
    const before = await agents();

    const again = await importing1(...lines);

    expect(again).toMatchObject({ code: 0, summary: '0 created, 0 updated, 2 unchanged, 0 refused' });
    expect(await agents()).toEqual(before);
  });

  it('The agents import updates names and dates of an existing agent', async () => {
    await importing1(line());

    const result = await importing1(
      line({ lastName: 'Boyd', previousLastNames: 'Whitfield', welcomedOn: '' }),
    );

    expect(result.summary).toBe('0 created, 1 updated, 0 unchanged, 0 refused');
    expect(await agents()).toMatchObject([
      { lastNameKeys: ['boyd', 'whitfield'], welcomedOn: null, terminatedOn: null },
    ]);
  });

  it('An agents import adds what it tells of last days and principals to what was known before', async () => {
    const known = () =>
      prisma().agentActivity.findMany({
        omit: { knownFrom: true },
        orderBy: [{ agentKey: 'asc' }, { knownFrom: 'asc' }],
      });
    await importing1(line({ terminatedOn: '' }), corporation());
    const before = await known();

    await importing1(line({ terminatedOn: '', lastName: 'Boyd' }), corporation());
    const renamed = await known();
    await importing1(line({ terminatedOn: '2026-11-30' }), corporation());
    await importing1(line({ terminatedOn: '' }), corporation());
    const after = await known();

    expect(before).toHaveLength(2);
    expect(renamed).toEqual(before);
    expect(after).toHaveLength(4);
    expect(after).toEqual(expect.arrayContaining(before));
    expect(after.map(({ terminatedOn }) => terminatedOn).filter((day) => day !== null)).toEqual([
      new Date('2026-11-30'),
    ]);
  });

  it('A corporation’s principal may be on a later line or come from an earlier import', async () => {
    const together = await importing1(corporation(), line());
    const later = await importing1(corporation({ agentNumber: '77-1004', principalAgentNumber: 'a-100' }));

    expect([together.code, later.code]).toEqual([0, 0]);
    expect((await agents()).map(({ agentKey, principalKey }) => [agentKey, principalKey])).toEqual([
      ['771003', 'A100'],
      ['771004', 'A100'],
      ['A100', null],
    ]);
  });
});

describe('pepper rotation', () => {
  it('A new pepper leaves an unchanged roster unchanged', async () => {
    await importing1(line(), corporation());
    const before = await agents();

    const again = await importAgents([line(), corporation()], ROTATED);

    expect(again.summary).toBe('0 created, 0 updated, 2 unchanged, 0 refused');
    expect(await agents()).toEqual(before);
  });

  it('A new pepper digests new SSN digits; known digits keep the old pepper, also under another agent number', async () => {
    await importing1(line());

    await importAgents(
      [line({ agentNumber: 'B1' }), line({ agentNumber: 'B2', ssnLast6: '111222' })],
      ROTATED,
    );

    expect(
      (await agents()).map(({ agentKey, pepperId, ssnDigest }) => [agentKey, pepperId, ssnDigest]),
    ).toEqual([
      ['A100', '2025', keyring.ssnDigest('2025', '904417')],
      ['B1', '2025', keyring.ssnDigest('2025', '904417')],
      ['B2', '2026', keyring.ssnDigest('2026', '111222')],
    ]);
  });

  it('A new pepper given alone renews every digest', async () => {
    await importing1(line());

    const result = await importAgents([line()], NEW);

    expect(result.summary).toBe('0 created, 1 updated, 0 unchanged, 0 refused');
    expect(await agents()).toMatchObject([
      { pepperId: '2026', ssnDigest: keyring.ssnDigest('2026', '904417') },
    ]);
  });

  it('The agents import names TENURE_PEPPERS when no pepper is given', async () => {
    const result = await importing(`${AGENTS_HEADER}\n${line()}`, {}, 'agents');

    expect(result.code).toBe(1);
    expect(result.err).toMatch(/TENURE_PEPPERS: is required and not set\n$/);
  });
});

describe('another key under the id of a pepper in use', () => {
  it('Another key under the id of a pepper in use is refused by its id and changes no digest', async () => {
    await importing1(line());
    const before = await agents();

    const refused = await importAgents([line()], `2025:${newKey.toString('base64')}`);

    expect(refused).toMatchObject({
      code: 1,
      summary: '',
      err: expect.stringMatching(/^TENURE_PEPPERS: the id "2025" belongs to another key/),
    });
    expect(await agents()).toEqual(before);
  });
});

describe('refused agents', () => {
  it.each([
    ['no number', { agentNumber: '' }, 'agentNumber: is empty'],
    ['a number of one character', { agentNumber: '7' }, 'agentNumber: is not 2 to 20 letters and digits'],
    ['a number with a dot', { agentNumber: '7.1' }, 'agentNumber: is not 2 to 20 letters and digits'],
    [
      'a number of 21 digits',
      { agentNumber: '1'.repeat(21) },
      'agentNumber: is not 2 to 20 letters and digits',
    ],
    [
      'SYS in front of an agent',
      { agentNumber: 'SYS100' },
      'agentNumber: begins with SYS, which belongs to the access code and not to the number',
    ],
    ['a kind there is not', { kind: 'Agent' }, 'kind: is none of agent, corporation'],
    ['no first name', { firstName: ' ' }, 'firstName: is empty'],
    ['a first name without letters', { firstName: '--' }, 'firstName: has no letter'],
    ['no last name', { lastName: '' }, 'lastName: is empty'],
    ['a last name without letters', { lastName: '42' }, 'lastName: has no letter'],
    [
      'a previous last name without letters',
      { previousLastNames: 'Boyd;-' },
      'previousLastNames: has no letter',
    ],
    [
      'a principal of an agent',
      { principalAgentNumber: 'A200' },
      'principalAgentNumber: belongs to corporations only',
    ],
    ['five digits', { ssnLast6: '90441' }, 'ssnLast6: is not six digits'],
    ['seven digits', { ssnLast6: '9904417' }, 'ssnLast6: is not six digits'],
    ['digits in groups', { ssnLast6: '90-4417' }, 'ssnLast6: is not six digits'],
    ['digits of another script', { ssnLast6: '٩٠٤٤١٧' }, 'ssnLast6: is not six digits'],
    ['no email', { email: '' }, 'email: is empty'],
    ['something that is no email', { email: 'dana@' }, 'email: is not an email address'],
    ['no company', { company: '' }, 'company: is empty'],
    ['an American date', { welcomedOn: '01/12/2026' }, 'welcomedOn: is not a date like 2026-01-31'],
    ['a day that is not', { welcomedOn: '2026-02-29' }, 'welcomedOn: is not a date like 2026-01-31'],
    ['the year 0', { terminatedOn: '0000-01-01' }, 'terminatedOn: is not a date like 2026-01-31'],
    ['a NUL', { company: 'Loyal\0' }, 'company: has a control character'],
  ])(
    'An agent line is refused with field and reason, and the other lines go in: %s',
    async (_what, fields, reason) => {
      const result = await importing1(line({ agentNumber: 'Z1' }), line(fields), line({ agentNumber: 'Z2' }));

      expect(result).toEqual({
        code: 1,
        summary: '2 created, 0 updated, 0 unchanged, 1 refused',
        err: `line 3: ${reason}\n`,
      });
      expect(await agents()).toHaveLength(2);
    },
  );

  it.each([
    [
      'SYS in front of it',
      { agentNumber: 'sys-771003' },
      'agentNumber: begins with SYS, which belongs to the access code and not to the number',
    ],
    [
      'no principal',
      { principalAgentNumber: '' },
      'principalAgentNumber: is empty, and a corporation registers through its principal',
    ],
    [
      'a principal nobody knows',
      { principalAgentNumber: 'A999' },
      'principalAgentNumber: is no agent of this file or of an earlier one',
    ],
    [
      'itself for a principal',
      { principalAgentNumber: '77-1003' },
      'principalAgentNumber: is no agent of this file or of an earlier one',
    ],
    [
      'a NUL in its principal',
      { principalAgentNumber: 'A\0' },
      'principalAgentNumber: has a control character',
    ],
    ['a name without letters', { lastName: '3+3' }, 'lastName: has no letter'],
  ])('A corporation is refused for %s', async (_what, fields, reason) => {
    const result = await importing1(line(), corporation(fields));

    expect(result).toMatchObject({ code: 1, err: `line 3: ${reason}\n` });
    expect(await agents()).toHaveLength(1);
  });

  it('An agent line is refused for a repeated number or for a principal whose own line was refused', async () => {
    const result = await importing1(
      line(),
      line({ agentNumber: 'a 100' }),
      line({ agentNumber: 'B1', ssnLast6: 'x' }),
      corporation({ principalAgentNumber: 'B1' }),
    );

    expect(result.err).toBe(
      'line 3: agentNumber: is on line 2 already\n' +
        'line 4: ssnLast6: is not six digits\n' +
        'line 5: principalAgentNumber: is no agent of this file or of an earlier one\n',
    );
  });

  it('An agent cannot become a corporation, nor a corporation an agent', async () => {
    await importing1(line(), corporation());

    const result = await importing1(
      line({ agentNumber: '771003' }),
      corporation({ agentNumber: 'A100', principalAgentNumber: 'A100' }),
    );

    expect(result.err).toBe(
      'line 2: kind: differs from what this number was imported as\n' +
        'line 3: kind: differs from what this number was imported as\n',
    );
  });

  it('Refusals of the agents import repeat no personal data', async () => {
    const result = await importing1(
      line({
        ssnLast6: '904417secret',
        email: 'secret',
        firstName: 'secret\u202e',
        welcomedOn: 'secret',
        kind: 'secret',
      }),
    );

    expect(result.err).not.toMatch(/secret|904417/);
  });
});
