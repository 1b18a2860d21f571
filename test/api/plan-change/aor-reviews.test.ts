import { randomUUID } from 'node:crypto';
import {
  NOW_MS,
  insertAgent,
  insertDecision,
  insertEligibleAgent,
  insertCustomer,
  insertPlanChange,
} from '../../adapters/postgres/records';
import { createAorReviews } from '../../../src/adapters/postgres/aor-reviews';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import type { Called } from '../api';
import { eligible, errorsOf, startDesk, type PlanChangeDeskApi } from './plan-change-desk';

let database: TestDatabase;
let desk: PlanChangeDeskApi;
let audit: string;
beforeAll(async () => {
  database = await createTestDatabase();
  await insertAgent(database.prisma, { agentNumber: 'first-1' });
  await insertEligibleAgent(database.prisma, { agentNumber: 'Second 2' });
});
afterAll(() => database.drop());
beforeEach(async () => {
  desk = await startDesk(database.prisma);
  ({ key: audit } = desk.keyOf(null, 'audit'));
});
afterEach(() => desk.api.close());

const reviews = (query: string, key = audit): Promise<Called> => desk.get(`/aor/reviews${query}`, key);

/** By the unit, with an agent of record who was eligible. The rosters no longer tell so of first-1, but of Second 2. */
const onReview = (agentKey: string) => ({
  planChangeId: randomUUID(),
  customerId: 'C-1',
  version: 2,
  effectiveOn: '2027-01-01',
  outcome: 'retained' as const,
  reason: 'unit-completed' as const,
  ruleVersion: 2,
  commissionContinues: true,
  agentKey,
  agentNumber: null,
  originalNumber: null,
  facilitatorNumber: null,
  evidence: {
    channel: 'plan-change-line' as const,
    referred: false,
    original: eligible(agentKey),
    facilitator: null,
    day: '2026-11-22',
    state: 'TX',
    planYear: 2027,
  },
});

/** Recorded. */
async function decided(agentKey: string) {
  const { planChangeId, effectiveOn, evidence, ...decision } = onReview(agentKey);
  const customerId = await insertCustomer(database.prisma);
  await insertPlanChange(database.prisma, { planChangeId, customerId, stage: 'completed', effectiveOn });
  const { outcome, reason, commissionContinues } = decision;
  await insertDecision(database.prisma, {
    ...{ planChangeId, customerId, decidedAtMs: NOW_MS, evidence },
    decision: { outcome, reason, agentKey, commissionContinues },
  });
  return { planChangeId, customerId };
}

it('A review tells what the rosters tell otherwise now, and what a redetermination would decide', async () => {
  const { planChangeId, customerId } = await decided('FIRST1');
  await decided('SECOND2');

  const { status, body } = await reviews('?since=2026-11-22');

  expect(status).toBe(200);
  expect(body).toEqual({
    reviews: [
      {
        planChangeId,
        customerId,
        decidedAt: new Date(NOW_MS).toISOString(),
        effectiveDate: '2027-01-01',
        differences: [
          'agent first-1: licensed in TX: was yes, is no (none on record)',
          'agent first-1: appointed: was yes, is no (none on record)',
          'agent first-1: certified for 2027: was yes, is no (none on record)',
        ],
        outcome: 'retained',
        reason: 'unit-completed',
        agentNumber: 'first-1',
        commissionContinues: true,
        outcomeDiffers: true,
        redetermined: {
          outcome: 'ended',
          reason: 'agent-not-licensed',
          agentNumber: null,
          commissionContinues: false,
        },
      },
    ],
    nextCursor: null,
  });
});

it('What the rosters tell otherwise is in the language of Accept-Language', async () => {
  await decided('FIRST1');
  const headers = { 'accept-language': 'es' };

  const { body } = await desk.api.call('GET', '/v1/aor/reviews?since=2026-11-22', { token: audit, headers });

  expect(body.reviews[0].differences).toContain(
    'agente first-1: con certificación para 2027: antes sí, ahora no (no consta)',
  );
});

it('Reviews have a next page after 1,000 decisions, even where none of them differs', async () => {
  const at = Date.UTC(2026, 9, 1);
  const eligibleRows = Array.from({ length: 1000 }, (_, index) => ({
    ...onReview('SECOND2'),
    decidedAtMs: at + index,
  }));
  const rows = [...eligibleRows, { ...onReview('FIRST1'), decidedAtMs: at + 1000 }];
  const { agents } = await createAorReviews(database.prisma).page({ sinceMs: 0, limit: 10 });
  desk = await startDesk(database.prisma, {
    aorReviews: {
      page: async ({ after, limit }) => ({
        decisions: rows
          .slice(rows.findIndex(({ planChangeId }) => planChangeId === after?.id) + 1)
          .slice(0, limit),
        agents,
      }),
    },
  });
  ({ key: audit } = desk.keyOf(null, 'audit'));

  const { body } = await reviews('?since=2026-10-01');
  const next = await reviews(`?since=2026-10-01&cursor=${body.nextCursor}`);

  expect(body.reviews).toEqual([]);
  expect(next.body).toMatchObject({
    reviews: [{ planChangeId: rows[1000]!.planChangeId }],
    nextCursor: null,
  });
});

it('Reviews are empty where nothing was decided since', async () => {
  desk.api.nowMs.value = Date.UTC(2027, 0, 2);

  expect((await reviews('?since=2027-01-01')).body).toEqual({ reviews: [], nextCursor: null });
});

it('Reviews need the scope audit', async () => {
  const { key } = desk.keyOf(null, 'intake', 'unit');

  expect(await reviews('?since=2026-11-22', key)).toMatchObject({
    status: 403,
    body: { code: 'scope_missing' },
  });
});

it.each([
  ['', 'query:since required'],
  ['?since=', 'query:since wrong_format'],
  ['?since=yesterday', 'query:since wrong_format'],
  ['?since=2026-02-29', 'query:since wrong_format'],
  ['?since=1899-12-31', 'query:since wrong_format'],
  ['?since=2026-11-23', 'query:since in_the_future'],
  ['?since=2026-11-22&cursor=x', 'query:cursor wrong_format'],
  ['?since=2026-11-22&limit=5', 'query:limit unknown_field'],
])('Reviews are refused for the query %j', async (query, error) => {
  const answer = await reviews(query);

  expect([answer.status, answer.body.code]).toEqual([422, 'invalid_fields']);
  expect(errorsOf(answer)).toEqual([error]);
});
