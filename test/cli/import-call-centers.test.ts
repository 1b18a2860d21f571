import { randomBytes } from 'node:crypto';
import { statementsOf, useImportCommand } from './roster-command';

const { importAgents, importCallCenters, prisma } = useImportCommand();

const peppers = `2026:${randomBytes(32).toString('base64')}`;
const callCenters = () => prisma().callCenter.findMany({ orderBy: { agentKey: 'asc' } });
beforeEach(async () => {
  await importAgents(
    [
      'A100,agent,Dana,Whitfield,,,904417,dana@example.com,,Loyal,',
      '77-1003,corporation,,Whitfield & Partners,,A100,904417,office@example.com,,Sterling,',
    ],
    peppers,
  );
});

it('The call-centers import stores the agent or agency that each call center works under', async () => {
  const result = await importCallCenters(['77 1003, Partners Call Center ', 'a-100,"Dana, by phone"']);

  expect(result).toEqual({ code: 0, summary: '2 created, 0 updated, 0 unchanged, 0 refused', err: '' });
  expect(await callCenters()).toMatchObject([
    { agentKey: '771003', name: 'Partners Call Center' },
    { agentKey: 'A100', name: 'Dana, by phone' },
  ]);
});

it('A repeated call-centers import changes nothing, and a new name updates the line', async () => {
  const lines = ['77-1003,Partners', 'A100,Dana'];
  await importCallCenters(lines);
  const before = await callCenters();

  const again = await importCallCenters(lines);
  const unchanged = await callCenters();
  const renamed = await importCallCenters(['771003,Partners by Phone', lines[1]!]);

  expect(again.summary).toBe('0 created, 0 updated, 2 unchanged, 0 refused');
  expect(unchanged).toEqual(before);
  expect(renamed.summary).toBe('0 created, 1 updated, 1 unchanged, 0 refused');
  expect((await callCenters()).map(({ name }) => name)).toEqual(['Partners by Phone', 'Dana']);
});

it.each([
  ['no agent', ',Partners', 'agentNumber: is empty'],
  ['an agent nobody knows', 'A999,Partners', 'agentNumber: is in no agents roster that was imported'],
  ['a number that is none', '*,Partners', 'agentNumber: is not 2 to 20 letters and digits'],
  [
    'the letters of an access code',
    'SYS771003,Partners',
    'agentNumber: begins with SYS, which belongs to the access code and not to the number',
  ],
  ['no name', '77-1003,', 'name: is empty'],
  ['a name without an end', `77-1003,${'x'.repeat(201)}`, 'name: has more than 200 characters'],
  ['a second one of an agent', 'a-100,Another', 'agentNumber: is on line 2 already'],
])('A call-center line is refused and the other lines go in: %s', async (_what, line, reason) => {
  const result = await importCallCenters(['A100,Dana', line]);

  expect(result).toEqual({
    code: 1,
    summary: '1 created, 0 updated, 0 unchanged, 1 refused',
    err: `line 3: ${reason}\n`,
  });
});

it('The call-centers import sends as many statements for 3 lines as for 300', async () => {
  const numbers = Array.from({ length: 303 }, (_, n) => `B${1000 + n}`);
  await importAgents(
    numbers.map((number) => `${number},agent,Ann,Bell,,,904417,ann@example.com,,Loyal,`),
    peppers,
  );
  const importing = (given: readonly string[]) =>
    statementsOf(() => importCallCenters(given.map((number) => `${number},Call Center`)));

  expect(await importing(numbers.slice(3))).toBe(await importing(numbers.slice(0, 3)));
  expect(await callCenters()).toHaveLength(303);
});
