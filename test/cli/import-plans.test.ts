import { join } from 'node:path';
import { statementsOf, useImportCommand } from './roster-command';

const { run, importPlans, prisma } = useImportCommand();

const plans = () => prisma().plan.findMany({ orderBy: { planId: 'asc' } });
const FIRST = 'H4513-046-000,Preferred,medicare-advantage,TX,2025-10-15,2026-12-31';

it('The plans import stores what is offered, in which states, and from when to when', async () => {
  const result = await importPlans([
    ' h4513-046-000 ,Preferred Advantage,medicare-advantage,TX; OK;;TX,2025-10-15,2026-12-31',
    'H4513-052-001,Preferred Advantage 2027,medicare-advantage,DC,2026-10-15,',
  ]);

  expect(result).toEqual({ code: 0, summary: '2 created, 0 updated, 0 unchanged, 0 refused', err: '' });
  expect(await plans()).toMatchObject([
    {
      planId: 'H4513-046-000',
      name: 'Preferred Advantage',
      type: 'medicare-advantage',
      states: ['OK', 'TX'],
      offeredFrom: new Date('2025-10-15'),
      offeredTo: new Date('2026-12-31'),
    },
    { planId: 'H4513-052-001', states: ['DC'], offeredTo: null },
  ]);
});

it('A repeated plans import changes nothing in any order of states, and changed values are updated', async () => {
  await importPlans([FIRST.replace('TX', 'TX;OK')]);
  const before = await plans();

  const again = await importPlans([FIRST.replace('TX', 'OK;TX')]);
  const unchanged = await plans();
  const changed = await importPlans([FIRST.replace('TX', 'OK;TX;FL').replace('2026-12-31', '')]);

  expect(again.summary).toBe('0 created, 0 updated, 1 unchanged, 0 refused');
  expect(unchanged).toEqual(before);
  expect(changed.summary).toBe('0 created, 1 updated, 0 unchanged, 0 refused');
  expect(await plans()).toMatchObject([{ states: ['FL', 'OK', 'TX'], offeredTo: null }]);
});

const FORM = 'planId: is not a plan id like H4513-046-000';
const STATE = 'states: is not a US state or territory of two capital letters';
it.each([
  ['no id', ',P,medicare-advantage,TX,2025-10-15,', 'planId: is empty'],
  ['an id without a segment', 'H4513-046,P,medicare-advantage,TX,2025-10-15,', FORM],
  ['an id with another letter', 'H45I3-046-000,P,medicare-advantage,TX,2025-10-15,', FORM],
  ['an id with something behind it', 'H4513-046-0000,P,medicare-advantage,TX,2025-10-15,', FORM],
  ['no name', 'H4513-060-000,,medicare-advantage,TX,2025-10-15,', 'name: is empty'],
  [
    'another type',
    'H4513-060-000,P,medicare-supplement,TX,2025-10-15,',
    'type: is none of medicare-advantage',
  ],
  ['no state', 'H4513-060-000,P,medicare-advantage, ; ,2025-10-15,', 'states: is empty'],
  ['a state that is none', 'H4513-060-000,P,medicare-advantage,TX;ZZ,2025-10-15,', STATE],
  ['a state in small letters', 'H4513-060-000,P,medicare-advantage,tx,2025-10-15,', STATE],
  ['states with another separator', 'H4513-060-000,P,medicare-advantage,TX OK,2025-10-15,', STATE],
  ['no first day', 'H4513-060-000,P,medicare-advantage,TX,,', 'offeredFrom: is empty'],
  [
    'a first day that is none',
    'H4513-060-000,P,medicare-advantage,TX,15.10.2025,',
    'offeredFrom: is not a date like 2026-01-31',
  ],
  [
    'a last day that is none',
    'H4513-060-000,P,medicare-advantage,TX,2025-10-15,2026-02-29',
    'offeredTo: is not a date like 2026-01-31',
  ],
  [
    'a last day before the first',
    'H4513-060-000,P,medicare-advantage,TX,2025-10-15,2025-10-14',
    'offeredTo: is before offeredFrom',
  ],
  [
    'what stands further up',
    'h4513-046-000,P,medicare-advantage,TX,2025-10-15,',
    'planId: is on line 2 already',
  ],
])('A plan line is refused and the other lines go in: %s', async (_what, line, reason) => {
  const result = await importPlans([
    FIRST,
    line,
    'H4513-052-000,Preferred,medicare-advantage,TX,2026-10-15,',
  ]);

  expect(result).toEqual({
    code: 1,
    summary: '2 created, 0 updated, 0 unchanged, 1 refused',
    err: `line 3: ${reason}\n`,
  });
});

it('The plans import sends as many statements for 3 lines as for 300', async () => {
  const importing = (lines: number) =>
    statementsOf(() =>
      importPlans(
        Array.from(
          { length: lines },
          (_, n) => `H${1000 + n}-${100 + (lines % 7)}-000,P,medicare-advantage,TX;OK,2025-10-15,`,
        ),
      ),
    );

  expect(await importing(300)).toBe(await importing(3));
  expect(await plans()).toHaveLength(303);
});

it('The demo’s plans roster can be imported and has offers of two years', async () => {
  const result = await run(['plans', join(__dirname, '..', '..', 'prisma', 'demo', 'plans.csv')]);

  expect(result.err).toBe('');
  const years = (await plans()).map(({ offeredTo }) => offeredTo?.getUTCFullYear());
  expect(years).toEqual(expect.arrayContaining([2026, 2027]));
});
