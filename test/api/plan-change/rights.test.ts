/** Who may do what with a plan change, over HTTP: every caller, channel and move, and whose it is. */
import { createPlanChangeFacts } from '../../../src/adapters/postgres/plan-change-facts';
import { callerOf, moveRefusal, whoseIs, rightsRefusal } from '../../../src/domain/plan-change/rights';
import { planChangeRouting, type PlanChangeChannel } from '../../../src/domain/plan-change/routing';
import {
  NOW_MS,
  insertEnrolledCustomer,
  insertPlanChange,
  insertStaff,
} from '../../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { COMPLETION, said, seedRosters, startDesk, type PlanChangeDeskApi } from './plan-change-desk';

const CHANNELS = Object.keys(planChangeRouting) as PlanChangeChannel[];
const CODES = {
  'representative-required': '403 representative_required',
  'role-not-allowed': '403 role_not_allowed',
  'claimed-by-other': '409 claimed_by_other',
  'not-the-facilitator': '409 not_the_facilitator',
} as const;

/** Staff numbers, by what the roster gives them; null: a key that is bound to nobody. */
const callers = [
  ['a system', null],
  ['a representative', 'S-201'],
  ['a field agent', 'S-310'],
  ['a telesales agent', 'S-311'],
  ['customer service', 'S-420'],
  ['a representative whose licence has ended', 'S-203'],
  ['a number that is on no roster', 'S-999'],
] as const;

let database: TestDatabase;
let desk: PlanChangeDeskApi;
beforeAll(async () => {
  database = await createTestDatabase();
  await seedRosters(database.prisma);
  await insertStaff(database.prisma, { staffNumber: 'S-203', licensedTo: '2026-11-21' });
  await insertStaff(database.prisma, { staffNumber: 'S-420', role: 'customer-service', licensedFrom: null });
  desk = await startDesk(database.prisma);
});
afterAll(async () => {
  await desk.api.close();
  await database.drop();
});

const numberOf: Readonly<Record<PlanChangeChannel, string | undefined>> = {
  'plan-change-line': undefined,
  'customer-service': undefined,
  'field-agent': 'S-310',
  'telesales-agent': 'S-311',
  'own-agent-application': 'own-1',
  'external-agent-application': 'other-2',
  'external-call-center': 'center-3',
};
const facilitatorOf = (channel: PlanChangeChannel) => {
  const { facilitator: kind } = planChangeRouting[channel];
  return kind === null ? {} : { facilitator: { kind, number: numberOf[channel]! } };
};

/** Each way in which somebody can have a change of the channel. */
function situationsOf(channel: PlanChangeChannel) {
  const { route, mayRefer } = planChangeRouting[channel];
  const facilitatorKey = numberOf[channel]?.replaceAll('-', '').toUpperCase() ?? null;
  const waiting = { channel, route: 'unit', facilitatorKey, stage: 'queued' } as const;
  const claimed = { ...waiting, stage: 'claimed', claimUntilMs: NOW_MS + 1 } as const;
  return [
    ...(route === 'unit' || mayRefer
      ? [waiting, { ...claimed, claimedBy: 'S201' }, { ...claimed, claimedBy: 'S202' }]
      : []),
    ...(route === 'unit' ? [] : [{ channel, route, facilitatorKey, stage: 'with-facilitator' } as const]),
    ...(mayRefer ? [{ channel, route, facilitatorKey: 'S777', stage: 'with-facilitator' } as const] : []),
    ...(route === 'own-agent' || route === 'external-agent' || route === 'call-center'
      ? [{ channel, route, facilitatorKey, stage: 'held' } as const]
      : []),
  ];
}

const bodies = {
  claim: undefined,
  release: undefined,
  refer: undefined,
  'replace-facilitator': undefined,
  complete: COMPLETION,
  withdraw: { reason: 'The customer changed their mind.' },
} as const;

describe.each(callers)('%s', (_who, staffNumber) => {
  const staffKey = staffNumber?.replaceAll('-', '') ?? null;
  const callerNow = async () => {
    const staff = staffKey === null ? null : await createPlanChangeFacts(database.prisma).staff(staffKey);
    return callerOf(staffKey, staff, '2026-11-22');
  };

  it.each(CHANNELS)('Intake by %s is allowed exactly as the table of rights says', async (channel) => {
    const { key: token } = desk.keyOf(staffNumber, 'intake', 'unit');
    const { role } = await callerNow();
    const isOwn = numberOf[channel] === staffNumber && staffNumber !== null;
    const whose = planChangeRouting[channel].route === 'unit' ? 'units' : isOwn ? 'theirs' : 'facilitators';
    const why = rightsRefusal(role, 'intake', channel, whose);
    const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: 'OWN1' });
    const body = { customerId, channel, ...facilitatorOf(channel) };

    const answer = said(await desk.post('', body, { token }));
    const opened = await database.prisma.planChange.count({ where: { customerId } });

    const expected = why === null || why === 'wrong-stage' ? null : CODES[why];
    expect([answer, opened]).toEqual(expected === null ? [expect.stringMatching(/^201 /), 1] : [expected, 0]);
  });

  it.each(CHANNELS.flatMap((channel) => situationsOf(channel).map((fields) => ({ fields, ...fields }))))(
    'Access to $stage of $channel ($route, $facilitatorKey, claimed by $claimedBy) follows the table of rights',
    async ({ fields }) => {
      const { prisma } = database;
      const { key: token } = desk.keyOf(staffNumber, 'intake', 'unit');
      const caller = await callerNow();
      const id = await insertPlanChange(prisma, fields);
      const before = await prisma.planChange.findUniqueOrThrow({ where: { id } });
      const held = { claimedBy: null, claimUntilMs: null, ...fields };

      const look = said(await desk.get(`/plan-changes/${id}`, token));
      const { body: listed } = await desk.get('/plan-changes?stage=' + fields.stage, token);
      const isListed = (listed.planChanges ?? []).some((each: { id: string }) => each.id === id);
      const mayLook = moveRefusal(held, 'look', caller, NOW_MS) === null;
      expect([look.split(' ')[0], isListed]).toEqual(mayLook ? ['200', true] : ['403', false]);

      for (const move of Object.keys(bodies) as (keyof typeof bodies)[]) {
        const whose = whoseIs(held, caller, NOW_MS);
        const why = rightsRefusal(caller.role, move, fields.channel, whose);
        if (why === null) continue;
        const path = move === 'replace-facilitator' ? 'facilitator' : move;
        const replacement = { facilitator: { kind: 'external-agent', number: 'other-3' } };
        const body = move === 'replace-facilitator' ? replacement : bodies[move];

        const answer = said(await desk.post(`/${id}/${path}`, body, { token }));

        // Of what the unit has not got it is told where it is; what waits is released already.
        const expected = why === 'wrong-stage' ? `409 wrong_stage ${fields.stage}` : CODES[why];
        expect([move, whose, answer]).toEqual([move, whose, expected]);
      }
      expect(await prisma.planChange.findUniqueOrThrow({ where: { id } })).toEqual(before);
      expect(await prisma.auditEvent.count({ where: { planChangeId: id } })).toBe(0);
      await prisma.planChange.delete({ where: { id } });
    },
  );
});
