import { join } from 'node:path';
import { randomBytes } from 'node:crypto';
import { useImportCommand } from './roster-command';

const { run, importAgents, importStanding, agents, prisma } = useImportCommand();

const peppers = `2026:${randomBytes(32).toString('base64')}`;
const standing = () =>
  prisma().agentStanding.findMany({
    orderBy: [{ type: 'asc' }, { scope: 'asc' }, { from: 'asc' }, { knownFrom: 'asc' }],
  });
beforeEach(async () => {
  await importAgents(['A100,agent,Dana,Whitfield,,,904417,dana@example.com,,Loyal,'], peppers);
});

it('The agent-standing import stores licences, appointments and certifications with their first and last days', async () => {
  const beforeMs = Date.now();
  const result = await importStanding([
    'a-100,licence,TX,,2024-05-01,2026-12-31',
    'A100,appointment,,,2024-05-20,',
    'A100,certification,,2027,2026-08-30,',
  ]);

  expect(result).toEqual({ code: 0, summary: '3 created, 0 updated, 0 unchanged, 0 refused', err: '' });
  const { knownFrom } = (await standing())[0]!;
  expect(knownFrom.getTime()).toBeGreaterThanOrEqual(beforeMs);
  expect(knownFrom.getTime()).toBeLessThanOrEqual(Date.now());
  expect(await standing()).toEqual([
    { agentKey: 'A100', type: 'appointment', scope: '', from: new Date('2024-05-20'), to: null, knownFrom },
    {
      agentKey: 'A100',
      type: 'certification',
      scope: '2027',
      from: new Date('2026-08-30'),
      to: null,
      knownFrom,
    },
    {
      agentKey: 'A100',
      type: 'licence',
      scope: 'TX',
      from: new Date('2024-05-01'),
      to: new Date('2026-12-31'),
      knownFrom,
    },
  ]);
});

it('A repeated agent-standing import changes nothing, and a new last day is known beside what was known before', async () => {
  const lines = ['A100,licence,TX,,2024-05-01,', 'A100,appointment,,,2024-05-20,'];
  await importStanding(lines);

  const again = await importStanding(lines);
  const ended = await importStanding(['A100,licence,TX,,2024-05-01,2026-11-30', lines[1]!]);

  expect(again.summary).toBe('0 created, 0 updated, 2 unchanged, 0 refused');
  expect(ended.summary).toBe('0 created, 1 updated, 1 unchanged, 0 refused');
  expect((await standing()).map(({ type, to }) => [type, to])).toEqual([
    ['appointment', null],
    ['licence', null],
    ['licence', new Date('2026-11-30')],
  ]);
});

it('A last day that is taken back is known from then on, even if the clock went back', async () => {
  const [open, ended] = ['A100,licence,TX,,2024-05-01,', 'A100,licence,TX,,2024-05-01,2026-11-30'];
  await importStanding([open]);
  const laterMs = Date.now() + 3_600_000;
  await prisma().agentStanding.create({
    data: {
      ...{ agentKey: 'A100', type: 'licence', scope: 'TX', from: new Date('2024-05-01') },
      ...{ to: new Date('2026-11-30'), knownFrom: new Date(laterMs) },
    },
  });

  const [again, back] = [await importStanding([ended]), await importStanding([open])];

  expect([again.summary, back.summary]).toEqual([
    '0 created, 0 updated, 1 unchanged, 0 refused',
    '0 created, 1 updated, 0 unchanged, 0 refused',
  ]);
  expect((await standing()).at(-1)).toMatchObject({ to: null, knownFrom: new Date(laterMs + 1) });
});

it('All lines of an import are known from one time on, agents too', async () => {
  const lines = Array.from({ length: 5001 }, (_, index) => `A${index},agent,D,W,,,904417,d@example.com,,L,`);

  await importAgents(lines, peppers);

  expect(
    await prisma().agentActivity.groupBy({
      by: ['knownFrom'],
      where: { agentKey: { not: 'A100' } },
      _count: true,
    }),
  ).toEqual([{ knownFrom: expect.any(Date), _count: 5000 }]);
});

it('The same licence with another first day is stored as another licence', async () => {
  const result = await importStanding([
    'A100,licence,TX,,2020-01-01,2021-01-01',
    'A100,licence,TX,,2024-05-01,',
  ]);

  expect(result.summary).toContain('2 created');
});

it.each([
  [
    'an agent nobody knows',
    'A999,appointment,,,2024-05-20,',
    'agentNumber: is in no agents roster that was imported',
  ],
  ['no agent', ',appointment,,,2024-05-20,', 'agentNumber: is empty'],
  [
    'a type there is not',
    'A100,license,TX,,2024-05-20,',
    'type: is none of licence, appointment, certification',
  ],
  ['a licence without a state', 'A100,licence,,,2024-05-20,', 'state: is empty'],
  [
    'a state in small letters',
    'A100,licence,tx,,2024-05-20,',
    'state: is not a US state or territory of two capital letters',
  ],
  [
    'a state that is none',
    'A100,licence,ZZ,,2024-05-20,',
    'state: is not a US state or territory of two capital letters',
  ],
  [
    'a plan year of a licence',
    'A100,licence,TX,2026,2024-05-20,',
    'planYear: belongs to a certification only',
  ],
  ['a state of an appointment', 'A100,appointment,TX,,2024-05-20,', 'state: belongs to a licence only'],
  ['a certification without a year', 'A100,certification,,,2024-05-20,', 'planYear: is empty'],
  ['a year of two digits', 'A100,certification,,26,2024-05-20,', 'planYear: is not a year of four digits'],
  ['no first day', 'A100,appointment,,,,', 'from: is empty'],
  ['a first day that is none', 'A100,appointment,,,2024-13-01,', 'from: is not a date like 2026-01-31'],
  ['a last day that is none', 'A100,appointment,,,2024-01-01,soon', 'to: is not a date like 2026-01-31'],
  ['a last day before the first', 'A100,appointment,,,2024-05-20,2024-05-19', 'to: is before from'],
  ['what stands further up', 'a100,appointment,,,2024-01-01,2024-02-02', 'is on line 2 already'],
])('An agent-standing line is refused and the other lines go in: %s', async (_what, line, reason) => {
  const result = await importStanding([
    'A100,appointment,,,2024-01-01,',
    line,
    'A100,licence,DC,,2024-01-01,',
  ]);

  expect(result).toEqual({
    code: 1,
    summary: '2 created, 0 updated, 0 unchanged, 1 refused',
    err: `line 3: ${reason}\n`,
  });
});

it('The agent-standing import accepts a licence of one day', async () => {
  expect((await importStanding(['A100,licence,TX,,2024-05-20,2024-05-20'])).code).toBe(0);
});

it('The demo’s agents and agent-standing rosters can be imported', async () => {
  const demo = (name: string) => join(__dirname, '..', '..', 'prisma', 'demo', name);

  const imported = await run(['agents', demo('agents.csv')], { peppers });
  const standings = await run(['agent-standing', demo('agent-standing.csv')]);

  expect([imported.err, standings.err]).toEqual(['', '']);
  expect((await agents()).map(({ kind }) => kind)).toContain('corporation');
});
