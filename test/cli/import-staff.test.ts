import { join } from 'node:path';
import { statementsOf, useImportCommand } from './roster-command';

const { run, importStaff, prisma } = useImportCommand();

const staff = () => prisma().staff.findMany({ orderBy: { staffKey: 'asc' } });

it('The staff import stores roles and licence dates', async () => {
  const result = await importStaff([
    's-201, plan-change-representative ,Noor,Haddad,2024-02-01,2027-01-31',
    'S 310,customer-service,Ben,Achterberg,,',
  ]);

  expect(result).toEqual({ code: 0, summary: '2 created, 0 updated, 0 unchanged, 0 refused', err: '' });
  expect(await staff()).toMatchObject([
    {
      staffKey: 'S201',
      staffNumber: 's-201',
      role: 'plan-change-representative',
      firstName: 'Noor',
      lastName: 'Haddad',
      licensedFrom: new Date('2024-02-01'),
      licensedTo: new Date('2027-01-31'),
    },
    { staffKey: 'S310', role: 'customer-service', licensedFrom: null, licensedTo: null },
  ]);
});

it('A repeated staff import changes nothing, and changed values are updated', async () => {
  const lines = ['S201,field-agent,Noor,Haddad,,', 'S310,customer-service,Ben,Achterberg,,'];
  await importStaff(lines);
  const before = await staff();

  const again = await importStaff(lines);
  const unchanged = await staff();
  const moved = await importStaff(['S-201,plan-change-representative,Noor,Haddad,2026-11-01,', lines[1]!]);

  expect(again.summary).toBe('0 created, 0 updated, 2 unchanged, 0 refused');
  expect(unchanged).toEqual(before);
  expect(moved.summary).toBe('0 created, 1 updated, 1 unchanged, 0 refused');
  const after = await staff();
  expect(after).toMatchObject([
    { staffNumber: 'S-201', role: 'plan-change-representative', licensedFrom: new Date('2026-11-01') },
    { role: 'customer-service' },
  ]);
  expect(after[0]!.updatedAt.getTime()).toBeGreaterThan(before[0]!.updatedAt.getTime());
});

it.each([
  ['no number', ',field-agent,Ann,Bell,,', 'staffNumber: is empty'],
  ['a number of one character', 'S,field-agent,Ann,Bell,,', 'staffNumber: is not 2 to 20 letters and digits'],
  ['a number with a slash', 'S/1,field-agent,Ann,Bell,,', 'staffNumber: is not 2 to 20 letters and digits'],
  [
    'a role there is not',
    'S500,manager,Ann,Bell,,',
    'role: is none of plan-change-representative, field-agent, telesales-agent, customer-service',
  ],
  ['no first name', 'S500,field-agent,,Bell,,', 'firstName: is empty'],
  ['no last name', 'S500,field-agent,Ann, ,,', 'lastName: is empty'],
  [
    'a representative of the unit without a licence',
    'S500,plan-change-representative,Ann,Bell,,',
    'licensedFrom: is empty, and a plan-change-representative is licensed',
  ],
  [
    'the end of no licence',
    'S500,field-agent,Ann,Bell,,2026-01-31',
    'licensedFrom: is empty, and licensedTo is not',
  ],
  [
    'a first day that is none',
    'S500,field-agent,Ann,Bell,2026-02-30,',
    'licensedFrom: is not a date like 2026-01-31',
  ],
  [
    'a last day that is none',
    'S500,field-agent,Ann,Bell,2026-01-01,soon',
    'licensedTo: is not a date like 2026-01-31',
  ],
  [
    'a last day before the first',
    'S500,field-agent,Ann,Bell,2026-01-02,2026-01-01',
    'licensedTo: is before licensedFrom',
  ],
  ['who stands further up', 's-201,field-agent,Ann,Bell,,', 'staffNumber: is on line 2 already'],
])('A staff line is refused and the other lines go in: %s', async (_what, line, reason) => {
  const result = await importStaff([
    'S201,field-agent,Noor,Haddad,,',
    line,
    'S310,customer-service,Ben,Achterberg,,',
  ]);

  expect(result).toEqual({
    code: 1,
    summary: '2 created, 0 updated, 0 unchanged, 1 refused',
    err: `line 3: ${reason}\n`,
  });
});

it('The staff import accepts a licence of one day', async () => {
  expect((await importStaff(['S201,field-agent,Noor,Haddad,2026-01-01,2026-01-01'])).code).toBe(0);
});

it('The staff import sends as many statements for 3 lines as for 300', async () => {
  const importing = (lines: number) =>
    statementsOf(() =>
      importStaff(
        Array.from({ length: lines }, (_, n) => `S${lines}${1000 + n},field-agent,Ann,Bell,2026-01-01,`),
      ),
    );

  expect(await importing(300)).toBe(await importing(3));
  expect(await staff()).toHaveLength(303);
});

it('The demo’s staff roster can be imported', async () => {
  const result = await run(['staff', join(__dirname, '..', '..', 'prisma', 'demo', 'staff.csv')]);

  expect(result.err).toBe('');
  expect((await staff()).map(({ role }) => role)).toContain('plan-change-representative');
});
