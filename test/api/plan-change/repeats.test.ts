/** Each POST about plan changes, over real PostgreSQL: it did its work, was answered 503, and is sent again with the same key. */
import { createPlanChanges } from '../../../src/adapters/postgres/plan-changes';
import type { PlanChangeQueue } from '../../../src/ports/plan-change';
import { AppError } from '../../../src/api/http/problems';
import { HOUR_MS } from '../../../src/domain/time';
import { NOW_MS, insertEnrolledCustomer, insertPlanChange } from '../../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import type { Called } from '../api';
import {
  COMPLETION,
  claimed,
  eligible,
  recordDecision,
  said,
  seedRosters,
  startDesk,
  withExternalAgent,
  withFieldAgent,
  type PlanChangeDeskApi,
} from './plan-change-desk';

let database: TestDatabase;
let desk: PlanChangeDeskApi;
/** A representative's key. */
let rita: string;
/** How many times the next looks at a change fail. */
let failingLooks: number;

beforeAll(async () => {
  database = await createTestDatabase();
  await seedRosters(database.prisma);
});
afterAll(() => database.drop());
beforeEach(async () => {
  failingLooks = 0;
  const planChanges: PlanChangeQueue & ReturnType<typeof createPlanChanges> = createPlanChanges(
    database.prisma,
  );
  desk = await startDesk(database.prisma, {
    planChanges: {
      ...planChanges,
      look: async (id) => {
        if (failingLooks > 0 && (failingLooks -= 1) === 0) throw new AppError('unavailable');
        return planChanges.look(id);
      },
    },
  });
  rita = desk.keyOf('S-201', 'unit').key;
});
afterEach(() => desk.api.close());

const insert = (fields: Parameters<typeof insertPlanChange>[1] = {}): Promise<string> =>
  insertPlanChange(database.prisma, fields);
const keyed = (token = desk.intake.key, key = 'key-1') => ({ token, headers: { 'idempotency-key': key } });
const eventsOf = async (planChangeId: string): Promise<string[]> =>
  (await database.prisma.auditEvent.findMany({ where: { planChangeId }, orderBy: { id: 'asc' } })).map(
    ({ action }) => action,
  );

/** The answers to a request whose answer gets lost at its `looks`-th look, and to its repetition after `meanwhile`. */
async function twice(
  path: string,
  body: object | undefined,
  token: string,
  { looks = 1, meanwhile = async (): Promise<unknown> => undefined } = {},
): Promise<[Called, Called]> {
  failingLooks = looks;
  const lost = await desk.post(path, body, keyed(token));
  await meanwhile();
  return [lost, await desk.post(path, body, keyed(token))];
}

describe('Intake repeated after a 503', () => {
  const intake = async () => ({
    channel: 'plan-change-line',
    customerId: await insertEnrolledCustomer(database.prisma, { agentKey: 'OWN1' }),
  });

  it('An intake repeated after a 503 is stored once and answered 201, although the customer has an open one', async () => {
    const body = await intake();

    const [lost, again] = await twice('', body, desk.intake.key);

    expect([said(lost), said(again)]).toEqual(['503 unavailable', '201 queued']);
    const { customerId } = body;
    expect(await database.prisma.planChange.count({ where: { customerId } })).toBe(1);
    expect(await eventsOf(again.body.id)).toEqual(['plan-change-opened']);
    expect(desk.runs.started.map(({ planChangeId }) => planChangeId)).toEqual([again.body.id]);
    expect(desk.runs.told).toEqual([again.body.id]);
  });

  it('An intake repeated after a 503 is answered 201 even if the plan change is over', async () => {
    const body = await intake();
    const withdraw = async () => {
      const [{ id } = { id: '' }] = await database.prisma.planChange.findMany({
        where: { customerId: body.customerId },
      });
      await desk.post(`/${id}/withdraw`, { reason: 'No more.' });
    };

    const [, again] = await twice('', body, desk.intake.key, { meanwhile: withdraw });

    expect(said(again)).toBe('201 withdrawn');
  });

  it('An intake that only started its run before a 503 is stored by the repetition, and the run is notified', async () => {
    const body = await intake();
    desk.runs.onStart = async () => {
      desk.runs.onStart = async () => {};
      throw new AppError('unavailable');
    };

    const [lost, again] = await twice('', body, desk.intake.key, { looks: 0 });

    expect([said(lost), said(again)]).toEqual(['503 unavailable', '201 queued']);
    expect(desk.runs.started.map(({ planChangeId }) => planChangeId)).toEqual([again.body.id, again.body.id]);
    expect(desk.runs.told).toEqual([again.body.id]);
  });

  it('An intake under another key is refused with the ID of the open plan change', async () => {
    const body = await intake();
    const first = await desk.post('', body, keyed());

    const second = await desk.post('', body, keyed(desk.intake.key, 'key-2'));

    expect(said(second)).toBe('409 plan_change_open');
    expect(second.body.planChangeId).toBe(first.body.id);
  });
});

describe('Next plan change repeated after a 503', () => {
  it('The next plan change requested again after a 503 is the one already claimed', async () => {
    const [oldest, second] = [
      await insert({ waitingSinceMs: NOW_MS - 49 * HOUR_MS }),
      await insert({ waitingSinceMs: NOW_MS - 48 * HOUR_MS }),
    ];

    const [lost, again] = await twice('/next', undefined, rita);
    const next = await desk.post('/next', undefined, keyed(rita, 'key-2'));

    expect([said(lost), said(again), again.body.id]).toEqual(['503 unavailable', '200 claimed', oldest]);
    expect(next.body.id).toBe(second);
    expect(await eventsOf(oldest)).toEqual(['plan-change-claimed']);
  });

  it('Two representatives with the same Idempotency-Key get different plan changes', async () => {
    const noor = desk.keyOf('S-202', 'unit').key;
    await Promise.all([insert(), insert()]);

    const answers = [
      await desk.post('/next', undefined, keyed(rita)),
      await desk.post('/next', undefined, keyed(noor)),
      await desk.post('/next', undefined, {
        headers: {
          'idempotency-key': 'key-1',
          'x-forwarded-for': '198.51.100.9',
          authorization: `bearer  ${rita}`,
        },
        token: rita,
      }),
    ];

    expect(answers[0]?.body.claimedBy).toBe('S-201');
    expect(answers[1]?.body.claimedBy).toBe('S-202');
    expect(answers[2]?.body).toEqual(answers[0]?.body);
  });
});

describe('Move repeated after a 503', () => {
  const withdrawal = { reason: 'The customer changed their mind.' };
  const replacement = { facilitator: { kind: 'external-agent', number: 'other-3' } };

  it.each([
    ['claim', undefined, {}, 'unit', 'claimed', 1],
    ['release', undefined, claimed, 'unit', 'queued', 1],
    ['refer', undefined, withFieldAgent, 'intake', 'queued', 2],
    ['facilitator', replacement, { ...withExternalAgent, stage: 'held' }, 'intake', 'with-facilitator', 2],
    ['withdraw', withdrawal, {}, 'intake', 'withdrawn', 1],
  ] as const)(
    'The move %s repeated after a 503 is made once and answered 200',
    async (move, body, fields, scope, stage, looks) => {
      const id = await insert(fields);

      const [lost, again] = await twice(`/${id}/${move}`, body, scope === 'unit' ? rita : desk.intake.key, {
        looks,
      });

      expect([said(lost), said(again)]).toEqual(['503 unavailable', `200 ${stage}`]);
      expect(await eventsOf(id)).toHaveLength(1);
    },
  );

  it('A claim repeated after a 503 is not made again if the plan change was released since', async () => {
    const id = await insert();
    const release = () => desk.post(`/${id}/release`, undefined, { token: rita });

    const [, again] = await twice(`/${id}/claim`, undefined, rita, { meanwhile: release });

    expect(said(again)).toBe('200 queued');
    expect(await eventsOf(id)).toEqual(['plan-change-claimed', 'plan-change-released']);
  });

  it('A withdrawal under another key is refused if the plan change is already withdrawn', async () => {
    const id = await insert();
    await desk.post(`/${id}/withdraw`, withdrawal, keyed());

    expect(said(await desk.post(`/${id}/withdraw`, withdrawal, keyed(desk.intake.key, 'key-2')))).toBe(
      '409 wrong_stage withdrawn',
    );
  });
});

describe('Completion repeated after a 503', () => {
  /** Completes as the run would; a run that has answered is asked again, by whom and with which update. */
  async function completing(): Promise<{ readonly id: string; readonly updates: string[] }> {
    const customerId = await insertEnrolledCustomer(database.prisma, { agentKey: 'OWN1' });
    const id = await insert({ ...claimed, customerId });
    const updates: string[] = [];
    desk.runs.onComplete = async (planChangeId, request, operation) => {
      const update = operation?.idFor('update') ?? '';
      if (updates.push(update) > 1) {
        return updates[0] === update ? { kind: 'completed' } : { kind: 'wrong-stage', stage: 'completed' };
      }
      await recordDecision(database.prisma, planChangeId, request, { original: eligible('OWN1') });
      throw new AppError('unavailable');
    };
    return { id, updates };
  }

  it('A completion repeated after a 503 sends the run the same update and is answered 200', async () => {
    const { id, updates } = await completing();

    const [lost, again] = await twice(`/${id}/complete`, COMPLETION, rita, { looks: 0 });
    const other = await desk.post(`/${id}/complete`, COMPLETION, keyed(rita, 'key-2'));

    expect([lost, again, other].map(said)).toEqual([
      '503 unavailable',
      '200 completed',
      '409 wrong_stage completed',
    ]);
    expect(updates[1]).toBe(updates[0]);
    expect(again.body.agentOfRecord).toMatchObject({ outcome: 'retained', agentNumber: 'own-1' });
  });

  it('A completion repeated after a 503 is answered 200 even if the run that recorded it is gone', async () => {
    const { id } = await completing();
    const forget = async () => {
      desk.runs.onComplete = async () => ({ kind: 'wrong-stage', stage: 'completed' });
    };

    const [, again] = await twice(`/${id}/complete`, COMPLETION, rita, { looks: 0, meanwhile: forget });

    expect(said(again)).toBe('200 completed');
  });

  it('A completion repeated after a 503 is refused if someone else has completed the plan change', async () => {
    const { id } = await completing();
    desk.runs.onComplete = async () => {
      throw new AppError('unavailable');
    };
    const complete = async () => {
      const noor = desk.keyOf('S-202', 'unit');
      const request = {
        planId: COMPLETION.planId,
        effectiveOn: COMPLETION.effectiveDate,
        staffKey: 'S201',
      };
      await recordDecision(
        database.prisma,
        id,
        { ...request, apiKeyId: noor.id },
        { original: eligible('OWN1') },
      );
      desk.runs.onComplete = async () => ({ kind: 'wrong-stage', stage: 'completed' });
    };

    const [, again] = await twice(`/${id}/complete`, COMPLETION, rita, { looks: 0, meanwhile: complete });

    expect(said(again)).toBe('409 wrong_stage completed');
  });
});
