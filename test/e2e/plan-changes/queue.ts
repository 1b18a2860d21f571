/** The unit's queue with many concurrent callers. */
import { randomBytes, randomUUID } from 'node:crypto';
import { createApiKeys } from '../../../src/adapters/postgres/api-keys';
import { beginHistory } from '../../../lab/system/customer-history';
import { secret } from '../../../lab/system/secrets';
import { until } from '../../support/until';
import type { IssuedKey } from '../../../lab/system/commands';
import { OLD_PLAN, openDesk, type AgentFixture, type Desk } from '../../../lab/system/plan-changes';
import type { Stack } from '../../../lab/system/stack';
import { withStack } from '../support/with-stack';

/** Half a minute's work on a quiet machine. */
const PATIENCE_MS = 900_000;

let stack: Stack;
let desk: Desk;
let agent: AgentFixture;

withStack(async (started) => {
  stack = started;
  desk = await openDesk(stack);
  agent = await desk.addAgent('drains');
});

it(
  'Fifty representatives drain 75 changes, and each is completed by exactly one of them, once',
  async () => {
    const CHANGES = 75;
    const customers = Array.from({ length: CHANGES }, (_, at) => `D-${at}`);
    await stack.database.customer.createMany({
      data: customers.map((customerId) => ({
        customerId,
        firstName: 'Harold',
        lastName: 'Jennings',
        language: 'en',
        state: 'TX',
        email: secret(`${customerId}@drain.example.com`),
      })),
    });
    const from = '2026-01-01';
    for (const customerId of customers)
      await beginHistory(stack.database, customerId, {
        enrolments: [{ from, planId: OLD_PLAN }],
        agentsOfRecord: [{ from, agentKey: agent.agentNumber }],
      });
    const representatives = await addRepresentatives(50);
    const taking = customers.values();
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const customerId of taking) await desk.take({ customerId, email: '' }, 'plan-change-line');
      }),
    );

    const completedBy = new Map<string, string[]>();
    await Promise.all(
      representatives.map(async ({ staffNumber, ...key }) => {
        for (;;) {
          const next = await desk.post(key, '/next');
          if (next.status === 204) return;
          const { id } = next.body;
          let claimedBy: string | null = null;
          // 503 on a busy machine: retried, as a front end does.
          await until(async () => {
            await desk.complete(key, id);
            const { body } = await desk.look(id);
            claimedBy = body.claimedBy;
            return body.stage === 'completed';
          }, PATIENCE_MS);
          if (claimedBy !== staffNumber) throw new Error(`completed by ${claimedBy}, not ${staffNumber}`);
          completedBy.set(id, [...(completedBy.get(id) ?? []), staffNumber]);
        }
      }),
    );

    expect(completedBy.size).toBe(CHANGES);
    expect([...completedBy.values()].filter(({ length }) => length > 1)).toEqual([]);
    const where = { customerId: { startsWith: 'D-' } };
    expect(await stack.database.aorDecision.count({ where })).toBe(CHANGES);
    // The roster's version with one period, and the change's with two.
    expect(await stack.database.enrolment.count({ where })).toBe(3 * CHANGES);
    expect(await stack.database.planChange.count({ where: { ...where, stage: 'completed' } })).toBe(CHANGES);
  },
  PATIENCE_MS,
);

/** Written directly to the database: 100 runs of a command would take longer than all the rest. */
async function addRepresentatives(howMany: number): Promise<(IssuedKey & { staffNumber: string })[]> {
  const keys = createApiKeys(stack.database);
  return Promise.all(
    Array.from({ length: howMany }, async (_, at) => {
      const [id, key, staffNumber] = [
        randomUUID(),
        secret(randomBytes(32).toString('base64url')),
        `R${100 + at}`,
      ];
      await stack.database.staff.create({
        data: {
          staffKey: staffNumber,
          staffNumber,
          role: 'plan-change-representative',
          firstName: 'Rep',
          lastName: 'Resentative',
          licensedFrom: new Date('2024-01-01'),
        },
      });
      await keys.create({
        id,
        name: staffNumber,
        scopes: ['unit'],
        staffNumber,
        atMs: Date.now(),
        operator: 'test',
        digest: stack.keyring.tokenDigest(key),
      });
      return { id, key, staffNumber };
    }),
  );
}
