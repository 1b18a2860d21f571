import { randomUUID } from 'node:crypto';
import { HOUR_MS } from '../../../src/domain/time';
import {
  FROM,
  apiKeyId,
  by,
  database,
  desk,
  eligible,
  facilitator,
  original,
  ready,
  record,
  recordsOf,
  withDecisions,
} from './aor-decision-database';
import { NOW_MS, insertCustomer, insertPlanChange } from './records';

withDecisions();

describe('Decisions about a change that was moved in the meantime', () => {
  const claimUntilMs = NOW_MS + HOUR_MS;
  const system = { role: 'system', staffKey: null } as const;
  const claimant = { role: 'plan-change-representative', staffKey: 'S1' } as const;
  const withdrawn = { ...by, reason: 'changed their mind', caller: system };
  const units = () => ready({ original: eligible(original) });
  const externals = () =>
    ready({ channel: 'external-agent-application', facilitator: eligible(facilitator) });
  const internals = () => ready({ channel: 'field-agent', original: eligible(original) });

  it.each([
    ['released', units, (id: string) => desk().release(id, { ...by, staffKey: 'S1' })],
    [
      'claimed by another',
      units,
      async (id: string) => {
        await desk().release(id, { ...by, staffKey: 'S1' });
        await desk().claim(id, { ...by, staffKey: 'S2', claimUntilMs });
      },
    ],
    ['withdrawn', units, (id: string) => desk().withdraw(id, { ...withdrawn, caller: claimant })],
    ['withdrawn', externals, (id: string) => desk().withdraw(id, withdrawn)],
    [
      'held',
      externals,
      async (id: string) => {
        const facilitatorKey = (await desk().find(id))?.facilitatorKey ?? '';
        await desk().hold({ ...by, planChangeId: id, facilitatorKey, defect: 'not-licensed' });
      },
    ],
    ['abandoned', externals, (id: string) => desk().abandon(id, NOW_MS)],
    ['referred to the unit', internals, (id: string) => desk().refer(id, { ...by, caller: system })],
  ])(
    'A decision is not recorded, and nothing is written, if the change was %s in the meantime',
    async (_what, make, move) => {
      const change = await make();
      await move(change.planChangeId);
      const before = await recordsOf(change);

      expect(await record(change.input)).toBe('moved');

      expect(await recordsOf(change)).toEqual(before);
    },
  );

  it.each([
    ['a moment before the end of the claim', claimUntilMs - 1, 'recorded'],
    ['at the end of the claim', claimUntilMs, 'moved'],
  ])(
    'A decision about a claimed change is recorded only before the claim ends: %s',
    async (_when, atMs, answer) => {
      const change = await units();

      expect(await record({ ...change.input, atMs })).toBe(answer);

      expect((await recordsOf(change)).change).toMatchObject({
        stage: answer === 'moved' ? 'claimed' : 'completed',
      });
    },
  );

  it.each([
    ['another internal agent', 'S8', 'moved'],
    ['the internal agent', 'S7', 'recorded'],
    ['a representative of the unit', 'S1', 'moved'],
    ['somebody who is on the roster no longer', 'S9', 'moved'],
    ['a system that takes applications in', null, 'recorded'],
  ])(
    'A decision about an internal agent’s change is recorded only for that agent or an intake system: %s',
    async (_who, staffKey, answer) => {
      const change = await internals();

      expect(await record({ ...change.input, staffKey })).toBe(answer);
    },
  );

  it('A decision about an unknown change is not recorded', async () => {
    const change = await units();

    expect(await record({ ...change.input, planChangeId: randomUUID() })).toBe('moved');

    expect(await recordsOf(change)).toMatchObject({ decisions: [], audit: [] });
  });

  it.each(Array.from({ length: 5 }, (_, n) => n))(
    'A change that is withdrawn and completed at the same moment ends in one of the two ways, never both (%i)',
    async () => {
      const change = await units();
      const { planChangeId, input } = change;

      const [answer, isWithdrawn] = await Promise.all([
        record(input),
        desk().withdraw(planChangeId, { ...withdrawn, caller: claimant }),
      ]);

      expect([answer, isWithdrawn]).toEqual(isWithdrawn ? ['moved', true] : ['recorded', false]);
      const { change: row, decisions, enrolments, audit } = await recordsOf(change);
      expect(row).toMatchObject({ stage: isWithdrawn ? 'withdrawn' : 'completed' });
      expect([decisions.length, enrolments.length, audit.length]).toEqual(
        isWithdrawn ? [0, 1, 1] : [1, 2, 1],
      );
    },
  );
});

describe('Decisions that cannot be recorded', () => {
  const transfer = () =>
    ready({
      channel: 'external-agent-application',
      original: eligible(original),
      facilitator: eligible(facilitator),
    });

  it.each([
    ['a plan that is on no roster', { planId: 'H0000-000-000' }],
    ['a date before the enrolment', { effectiveOn: '2025-12-01' }],
    ['the day on which the enrolment begins', { effectiveOn: '2026-01-01' }],
  ])(
    'A decision that cannot be recorded writes nothing and leaves the change open: %s',
    async (_what, fields) => {
      const change = await transfer();
      const before = await recordsOf(change);

      await expect(record({ ...change.input, ...fields })).rejects.toThrow();

      expect(await recordsOf(change)).toEqual(before);
      expect(before.change).toMatchObject({ stage: 'with-facilitator', endedAt: null });
      expect(await record(change.input)).toBe('recorded');
    },
  );

  it('A decision for an agent on no roster writes nothing, though the agent’s period is written last', async () => {
    const change = await transfer();
    const before = await recordsOf(change);
    const { decision } = change.input;

    await expect(
      record({ ...change.input, decision: { ...decision, agentKey: 'A-none' } }),
    ).rejects.toThrow();

    expect(await recordsOf(change)).toEqual(before);
  });

  it('A decision that contradicts itself writes nothing', async () => {
    const change = await ready({ original: eligible(original) });
    const before = await recordsOf(change);
    const { decision } = change.input;

    await expect(
      record({ ...change.input, decision: { ...decision, agentKey: facilitator } }),
    ).rejects.toThrow('aor_decisions_agent_check');

    expect(await recordsOf(change)).toEqual(before);
  });
});

describe('Database constraints on decisions', () => {
  const query = (text: string, values: readonly unknown[] = []) =>
    database.prisma.pool.query(text, [...values]);
  const add = async (columns: Record<string, unknown>) => {
    const customer_id = await insertCustomer(database.prisma);
    const plan_change_id = await insertPlanChange(database.prisma, {
      customerId: customer_id,
      stage: 'completed',
    });
    const row = {
      plan_change_id,
      version: 1,
      customer_id,
      decided_at: new Date(),
      effective_on: FROM,
      rule_version: 1,
      evidence: '{}',
      api_key_id: apiKeyId,
      ...columns,
    };
    const names = Object.keys(row);
    const places = names.map((_, n) => `$${n + 1}`);
    return query(`INSERT INTO aor_decisions (${names.join()}) VALUES (${places.join()})`, Object.values(row));
  };
  const retained = { outcome: 'retained', reason: 'unit-completed' };
  const transferred = { outcome: 'transferred', reason: 'external-agent-facilitated' };
  const over = { outcome: 'ended', reason: 'agent-terminated' };
  const none = { outcome: 'none', reason: 'no-agent-of-record' };

  it.each([
    ['kept by another agent', { ...retained, agent_key: 'A200', previous_agent_key: 'A100' }],
    ['kept by nobody', retained],
    ['kept by one who had it not', { ...retained, agent_key: 'A100' }],
    ['passed to who had it', { ...transferred, agent_key: 'A100', previous_agent_key: 'A100' }],
    ['passed to nobody', { ...transferred, previous_agent_key: 'A100' }],
    ['ended for nobody', over],
    ['ended, and there is one', { ...over, agent_key: 'A200', previous_agent_key: 'A100' }],
    ['nobody, where there was one', { ...none, previous_agent_key: 'A100' }],
    ['nobody, and there is one', { ...none, agent_key: 'A100' }],
  ])(
    'The database refuses agents that do not match the outcome of a decision: %s',
    async (_what, columns) => {
      await expect(add(columns)).rejects.toMatchObject({ constraint: 'aor_decisions_agent_check' });
    },
  );

  it.each([
    ['retained', 'external-agent-facilitated'],
    ['retained', 'agent-terminated'],
    ['transferred', 'unit-completed'],
    ['ended', 'call-center-facilitated'],
    ['none', 'unit-completed'],
    ['kept', 'unit-completed'],
  ])(
    'The database refuses a reason that does not match the outcome of a decision: %s, %s',
    async (outcome, reason) => {
      const agents: Record<string, Record<string, unknown>> = {
        retained: { agent_key: 'A100', previous_agent_key: 'A100' },
        transferred: { agent_key: 'A200', previous_agent_key: 'A100' },
        ended: { previous_agent_key: 'A100' },
      };

      await expect(add({ outcome, reason, ...agents[outcome] })).rejects.toMatchObject({
        constraint: 'aor_decisions_outcome_check',
      });
    },
  );

  it.each([
    ['aor_decisions', 'UPDATE', 'UPDATE aor_decisions SET rule_version = 2 WHERE plan_change_id = $1'],
    ['aor_decisions', 'UPDATE', "UPDATE aor_decisions SET evidence = '{}' WHERE plan_change_id = $1"],
    ['aor_decisions', 'DELETE', 'DELETE FROM aor_decisions WHERE plan_change_id = $1'],
    ['commission_facts', 'UPDATE', 'UPDATE commission_facts SET continues = false WHERE plan_change_id = $1'],
    ['commission_facts', 'DELETE', 'DELETE FROM commission_facts WHERE plan_change_id = $1'],
  ])(
    'The database refuses to change a recorded decision: %s, %s (%s)',
    async (table, operation, statement) => {
      const change = await ready({ original: eligible(original) });
      await record(change.input);
      const before = await recordsOf(change);

      await expect(query(statement, [change.planChangeId])).rejects.toThrow(
        `${table} is append-only: ${operation} refused`,
      );
      expect(await recordsOf(change)).toEqual(before);
    },
  );

  it.each(['commission_facts', 'aor_decisions CASCADE', 'plan_changes CASCADE'])(
    'The database refuses to truncate %s',
    async (tables) => {
      await expect(query(`TRUNCATE ${tables}`)).rejects.toThrow('is append-only: TRUNCATE refused');
    },
  );

  it('The database refuses to delete or reopen a change about which a decision is recorded', async () => {
    const change = await ready({ original: eligible(original) });
    await record(change.input);

    await expect(
      query('DELETE FROM plan_changes WHERE id = $1', [change.planChangeId]),
    ).rejects.toMatchObject({ constraint: 'aor_decisions_plan_change_id_fkey' });
    await expect(
      query("UPDATE plan_changes SET stage = 'queued', ended_at = NULL WHERE id = $1", [change.planChangeId]),
    ).rejects.toThrow('plan_changes is append-only: UPDATE refused');
  });
});
