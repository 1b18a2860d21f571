import { randomUUID } from 'node:crypto';
import { createPlanChanges } from '../../src/adapters/postgres/plan-changes';
import { escalationNotice, planChangeNotice, type PlanChangeNoticeKind } from '../../src/contracts/notice';
import { DAY_MS, HOUR_MS } from '../../src/domain/time';
import {
  NOW,
  activities,
  apiKeyId,
  auditOf,
  database,
  fakes,
  insertChange,
  run,
  unitLead,
  withPlanChangeActivities,
} from './plan-change-activities';

withPlanChangeActivities();

describe('escalatePlanChange', () => {
  it.each(['waiting', 'overdue'] as const)(
    'escalatePlanChange run twice records one escalation and starts one email: %s',
    async (escalation) => {
      const planChangeId = await insertChange();
      const input = { planChangeId, escalation, atMs: NOW };

      await run(activities.escalatePlanChange, input);
      await run(activities.escalatePlanChange, input);

      expect(await auditOf(planChangeId)).toMatchObject([
        { action: 'plan-change-escalated', outcome: escalation },
      ]);
      const notice = planChangeNotice(`plan-change-${escalation}`, planChangeId, NOW);
      expect(notice.messageId).toBe(`plan-change-${escalation}.${planChangeId}`);
      expect(fakes.notices).toEqual([notice, notice]);
    },
  );
});

describe('escalatePlanChange of a held change', () => {
  const external = {
    ...({ stage: 'held', channel: 'external-agent-application', facilitatorKey: '20418' } as const),
    heldAtMs: NOW - 8 * DAY_MS,
  };

  it.each([
    [0, 'held'],
    [1, 'still-held'],
    [2, 'still-held'],
  ] as const)(
    'escalatePlanChange run twice notifies the lead of a held change once, in week %i',
    async (week, kind) => {
      const planChangeId = await insertChange(external);
      const input = { planChangeId, escalation: `held.${external.heldAtMs}.${week}`, atMs: NOW };

      await run(activities.escalatePlanChange, input);
      await run(activities.escalatePlanChange, input);

      expect(await auditOf(planChangeId)).toMatchObject([{ action: 'plan-change-escalated', outcome: kind }]);
      const messageId = `plan-change-${kind}.${planChangeId}.${external.heldAtMs}.${week}`;
      expect(fakes.notices.map((notice) => [notice.messageId, notice.kind, notice.reference])).toEqual(
        [1, 2].map(() => [messageId, `plan-change-${kind}`, planChangeId]),
      );
    },
  );

  it('escalatePlanChange notifies the lead every week, and anew when a change is held again', async () => {
    const planChangeId = await insertChange(external);
    for (const escalation of ['held.1000.0', 'held.1000.1', 'held.1000.2', 'held.2000.0'])
      await run(activities.escalatePlanChange, { planChangeId, escalation, atMs: NOW });

    expect(new Set(fakes.notices.map(({ messageId }) => messageId)).size).toBe(4);
    expect((await auditOf(planChangeId)).map(({ outcome }) => outcome).toSorted()).toEqual([
      ...['held', 'held', 'still-held', 'still-held'],
    ]);
  });

  it.each(['plan-change-held', 'plan-change-still-held'] as const)(
    'The unit’s lead gets one email about a held change, and none once it is resolved: %s',
    async (kind) => {
      const planChangeId = await insertChange(external);
      const week = kind === 'plan-change-held' ? 0 : 1;
      const notice = escalationNotice(`held.${external.heldAtMs}.${week}`, planChangeId, NOW);
      const later = escalationNotice(`held.${external.heldAtMs}.2`, planChangeId, NOW);
      const desk = createPlanChanges(database.prisma);

      const outcomes = [await run(activities.sendNotice, notice), await run(activities.sendNotice, notice)];
      await desk.replaceFacilitator(planChangeId, {
        facilitatorKey: '20419',
        apiKeyId,
        address: '192.0.2.7',
        atMs: NOW,
      });
      outcomes.push(await run(activities.sendNotice, later));

      expect(outcomes.map(({ outcome }) => outcome)).toEqual(['delivered', 'delivered', 'outdated']);
      expect(fakes.sent).toMatchObject([{ to: unitLead.email, messageId: notice.messageId, language: 'es' }]);
      expect(fakes.sent[0]!.text).toContain(planChangeId);
      expect(fakes.sent[0]!.text).toContain('no tiene licencia');
      expect(/sigue retenido\n/.test(fakes.sent[0]!.text)).toBe(kind === 'plan-change-still-held');
    },
  );
});

describe('Emails about a waiting change', () => {
  const send = (planChangeId: string, kind: PlanChangeNoticeKind = 'plan-change-waiting') =>
    run(activities.sendNotice, planChangeNotice(kind, planChangeId, NOW));

  it.each(['plan-change-waiting', 'plan-change-overdue'] as const)(
    'The email about a waiting change goes to the unit’s lead, once: %s',
    async (kind) => {
      const planChangeId = await insertChange();

      const outcomes = [await send(planChangeId, kind), await send(planChangeId, kind)];

      expect(outcomes).toEqual([{ outcome: 'delivered' }, { outcome: 'delivered' }]);
      expect(fakes.sent).toMatchObject([
        { to: unitLead.email, language: unitLead.language, messageId: `${kind}.${planChangeId}` },
      ]);
      expect(fakes.sent[0]?.text).toContain(planChangeId);
      expect(/demasiado tiempo/.test(fakes.sent[0]!.text)).toBe(kind === 'plan-change-overdue');
    },
  );

  it.each([
    ['claimed', { stage: 'claimed' }, 'outdated'],
    ['claimed, and the claim is over', { stage: 'claimed', claimUntilMs: NOW }, 'delivered'],
    ['withdrawn', { stage: 'withdrawn' }, 'outdated'],
    ['completed', { stage: 'completed' }, 'outdated'],
    ['abandoned', { stage: 'abandoned' }, 'outdated'],
  ] as const)(
    'The email about a waiting change is sent only if the change still waits: %s',
    async (_what, fields, outcome) => {
      const planChangeId = await insertChange(fields);

      expect(await send(planChangeId)).toEqual({ outcome });
      expect(fakes.sent).toHaveLength(outcome === 'delivered' ? 1 : 0);
    },
  );

  it('The email about a waiting change is not sent if someone claimed it during a mail server outage', async () => {
    const planChangeId = await insertChange();
    fakes.mailServer = () => new Error('away');
    await expect(send(planChangeId)).rejects.toMatchObject({ type: 'MailUnavailable' });
    fakes.mailServer = () => ({ kind: 'accepted' });
    const claim = { staffKey: 'S1', claimUntilMs: NOW + HOUR_MS, apiKeyId, address: '192.0.2.7', atMs: NOW };
    await createPlanChanges(database.prisma).claim(planChangeId, claim);

    expect(await send(planChangeId)).toEqual({ outcome: 'outdated' });
    expect(fakes.sent).toEqual([]);
  });

  it('The email about a waiting change is not sent for a change that does not exist', async () => {
    expect(await send(randomUUID())).toEqual({ outcome: 'outdated' });
  });
});
