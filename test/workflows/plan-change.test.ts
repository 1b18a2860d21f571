import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { ApplicationFailure } from '@temporalio/common';
import { callUpdate } from '../../src/adapters/temporal/calls';
import {
  PLAN_CHANGE_WORKFLOW,
  completePlanChangeUpdate,
  planChangeMovedSignal,
  type CompletionRefusal,
  type CompletionResult,
  type GatheredEvidence,
  type PlanChangeActivities,
  type PlanChangeInput,
} from '../../src/contracts/plan-change';
import type { NoticeActivities } from '../../src/contracts/notice';
import { RUN_REVISION } from '../../src/contracts/run-revision';
import { planChangeRunId } from '../../src/contracts/workflow-ids';
import { decideAgentOfRecord } from '../../src/domain/plan-change/agent-of-record';
import type { MovedChange, PlanChangeSnapshot } from '../../src/domain/plan-change/plan-change';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time';
import { replayHowever } from '../support/replays';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

let temporal: TestTemporal;
let stopWorker: () => Promise<void>;
/** How far the runs' clocks are ahead of real time. */
let aheadMs: number;
/** The run's steps, in order: `put-back`, `escalate waiting`, `record retained`, ... */
let done: string[];
/** The change's record in the database. */
let record: PlanChangeSnapshot | null;
let gathered: CompletionRefusal | GatheredEvidence;
let recorded: CompletionResult;
/** Whom a completed change concerns besides those whom its decision names. */
let alsoConcerned: string[] | undefined;
/** What a step waits for before it completes. */
let holdUp: Promise<void>;
/** What an email waits for before it is delivered. */
let mailServer: Promise<void>;
let failsForGood: string | undefined;
let messageIds: string[];

beforeAll(async () => {
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());

/** Long ago, so that the run owes the lead many weekly emails. */
const HELD = Date.UTC(2026, 0, 5, 12);
const all = { active: true, licensed: true, appointed: true, certified: true };
const eligible: GatheredEvidence = {
  channel: 'external-agent-application',
  referred: false,
  original: { agentKey: '20417', standing: all },
  facilitator: { agentKey: '20418', standing: all },
  day: '2026-11-26',
  state: 'TX',
  planYear: 2027,
};

const activities: PlanChangeActivities & NoticeActivities = {
  async lookAtPlanChange() {
    done.push('look');
    return record;
  },
  async putBackPlanChange() {
    done.push('put-back');
    if (record?.stage === 'claimed')
      record = { ...record, stage: 'queued', claimUntilMs: null, moves: record.moves! + 1 };
  },
  async abandonPlanChange() {
    done.push('abandon');
    if (record !== null) record = { ...record, stage: 'abandoned' };
  },
  async escalatePlanChange({ escalation }) {
    done.push(`escalate ${escalation}`);
  },
  async completePlanChange() {
    done.push('complete');
    if ('kind' in gathered) return gathered;
    const answer = decideAgentOfRecord(gathered);
    switch (answer.kind) {
      case 'facilitator-does-not-fit':
        return { kind: 'not-eligible', reason: answer.kind };
      case 'facilitator-not-eligible':
        await activities.holdPlanChange(answer as never);
        return { kind: 'held', defect: answer.defect };
      case 'decided': {
        const result = await activities.recordAorDecision(answer as never);
        return result.kind === 'completed' ? { ...result, outcome: answer.decision.outcome } : result;
      }
    }
  },
  async gatherAorEvidence() {
    done.push('gather');
    return 'kind' in gathered ? gathered : { kind: 'evidence', evidence: gathered };
  },
  async holdPlanChange({ defect }) {
    done.push(`hold ${defect}`);
    if (record !== null) record = { ...record, stage: 'held', heldSinceMs: HELD, moves: record.moves! + 1 };
    return 'held';
  },
  async recordAorDecision({ decision }) {
    done.push(`record ${decision.outcome}`);
    await holdUp;
    if (recorded.kind === 'completed' && record !== null)
      record = { ...record, stage: 'completed', claimUntilMs: null, outcome: decision.outcome };
    return recorded.kind === 'completed' && alsoConcerned ? { ...recorded, alsoConcerned } : recorded;
  },
  async announceAorDecision() {
    done.push('announce');
  },
  async sendNotice({ kind, messageId }) {
    done.push(`email ${kind}`);
    messageIds.push(messageId);
    if (kind === failsForGood) throw ApplicationFailure.nonRetryable('broken');
    await mailServer;
    return { outcome: 'delivered' };
  },
};

beforeEach(async () => {
  temporal.newTaskQueue();
  aheadMs = 0;
  done = [];
  gathered = eligible;
  recorded = { kind: 'completed' };
  holdUp = Promise.resolve();
  mailServer = Promise.resolve();
  failsForGood = undefined;
  alsoConcerned = undefined;
  messageIds = [];
  ({ stop: stopWorker } = await temporal.startWorker(activities));
});
afterEach(() => stopWorker());

const now = (): number => Date.now() + aheadMs;

/** Waits in the queue from now on, with an escalation after 15 minutes and one after a day. */
const queued = (): PlanChangeSnapshot => ({
  stage: 'queued',
  route: 'unit',
  claimUntilMs: null,
  escalateAtMs: { waiting: now() + 15 * MINUTE_MS, overdue: now() + DAY_MS },
  abandonAtMs: now() + 30 * DAY_MS,
  waitingSinceMs: HELD,
  moves: 0,
});

async function start(standing: PlanChangeSnapshot, more: Partial<PlanChangeInput> = {}) {
  record = standing;
  const planChangeId = randomUUID();
  const workflowId = planChangeRunId(planChangeId);
  const handle = await temporal.client.workflow.start(PLAN_CHANGE_WORKFLOW, {
    workflowId,
    taskQueue: temporal.taskQueue,
    args: [{ planChangeId, standing, revision: RUN_REVISION, ...more }],
  });
  return {
    handle,
    /** Like the API's call; `gone`: the run ended before it could accept it. */
    complete: async (): Promise<CompletionResult | { kind: 'gone' }> => {
      const request = {
        planId: 'H4513-052-000',
        effectiveOn: '2027-01-01',
        staffKey: null,
        apiKeyId: randomUUID(),
      };
      const answer = await callUpdate(temporal.connection, (updateId) =>
        handle.executeUpdate(completePlanChangeUpdate, { args: [request], updateId }),
      );
      return answer ?? { kind: 'gone' };
    },
    /** The change is moved; the run is notified unless the signal is lost. */
    async move(change: Partial<PlanChangeSnapshot>, { told = true } = {}): Promise<MovedChange> {
      record = { ...record!, ...change, moves: record!.moves! + 1 };
      const { stage, route, claimUntilMs, waitingSinceMs, moves } = record;
      const moved = { stage, route, claimUntilMs, waitingSinceMs: waitingSinceMs!, moves: moves! };
      if (told) await handle.signal(planChangeMovedSignal, moved);
      return moved;
    },
    /** Moves the run's time forward. Returns whether it is still open. */
    async pass(ms: number): Promise<boolean> {
      aheadMs += ms;
      return temporal.forward(workflowId, ms / 1000);
    },
    attributes: async () => ({ ...(await handle.describe()).searchAttributes }),
    details: async () => {
      return (await handle.query<{ currentDetails: string }>('__temporal_workflow_metadata')).currentDetails;
    },
  };
}

/** The steps except loading and emails. */
const steps = (): string[] => done.filter((step) => step !== 'look' && !step.startsWith('email '));
/** The kinds of the emails that the run sent, by name. */
const emails = (): string[] =>
  done.flatMap((step) => (step.startsWith('email ') ? [step.slice('email '.length)] : [])).toSorted();
const EMAILS = {
  retained: ['agent-of-record-kept', 'plan-change-completed'],
  transferred: ['agent-of-record-gained', 'agent-of-record-lost', 'plan-change-completed'],
  ended: ['agent-of-record-lost', 'plan-change-completed'],
};

describe('time of a waiting change', () => {
  it('A waiting change brings the lead one email after 15 minutes and one after a day', async () => {
    const run = await start(queued());
    await run.pass(14 * MINUTE_MS);
    const early = steps();
    await run.pass(2 * MINUTE_MS);
    await until(() => steps().length === 1);
    await run.pass(5 * HOUR_MS);
    const between = steps();
    await run.pass(20 * HOUR_MS);
    await until(() => steps().length === 2);
    await run.pass(DAY_MS);

    expect([early, between]).toEqual([[], ['escalate waiting']]);
    expect(steps()).toEqual(['escalate waiting', 'escalate overdue']);
    expect(await run.details()).toContain("Unit's lead told: **after minutes of waiting, after a day**");
  });

  it('A claimed change brings the lead no email until it is back in the queue', async () => {
    const run = await start(queued());
    await run.pass(5 * MINUTE_MS);
    await run.move({ stage: 'claimed', claimUntilMs: now() + HOUR_MS });
    await until(async () => (await run.attributes())['TenureStage']?.[0] === 'claimed');
    await run.pass(59 * MINUTE_MS);
    const claimed = steps();
    await run.pass(2 * MINUTE_MS);
    await until(() => steps().length === 2);

    expect(claimed).toEqual([]);
    expect(steps()).toEqual(['put-back', 'escalate waiting']);
    expect(await run.attributes()).toMatchObject({ TenureStage: ['queued'] });
  });

  it('A run that continued as new counts the waiting time on', async () => {
    gathered = { kind: 'plan-unknown' };
    const run = await start(queued(), { completionsPerRun: 3, escalated: ['waiting'] });
    const answers = [await run.complete(), await run.complete(), await run.complete(), await run.complete()];
    await run.pass(25 * HOUR_MS);
    await until(() => steps().includes('escalate overdue'));

    const first = await temporal.client.workflow
      .getHandle(run.handle.workflowId, run.handle.firstExecutionRunId)
      .describe();
    expect(answers.map(({ kind }) => kind)).toEqual(Array(4).fill('plan-unknown'));
    expect(first.status.name).toBe('CONTINUED_AS_NEW');
    expect(steps().filter((step) => step.startsWith('escalate'))).toEqual(['escalate overdue']);
  });

  it.each(['queued', 'with-facilitator'] as const)(
    'A change that is %s is abandoned when its deadline passes',
    async (stage) => {
      const run = await start({
        ...queued(),
        stage,
        abandonAtMs: now() + DAY_MS,
        escalateAtMs: { waiting: now() + 90 * DAY_MS, overdue: now() + 90 * DAY_MS },
      });
      const open = await run.pass(DAY_MS - MINUTE_MS);
      const before = steps();
      await run.pass(2 * MINUTE_MS);

      expect(await run.handle.result()).toEqual({ ending: 'abandoned' });
      expect([open, before, steps()]).toEqual([true, [], ['abandon']]);
      expect(await run.attributes()).toMatchObject({ TenureStage: ['ended'], TenureOutcome: ['abandoned'] });
    },
  );
});

describe('moves', () => {
  const claim = () => ({ stage: 'claimed', claimUntilMs: now() + HOUR_MS }) as const;

  it('A run takes a move from its signal, without loading the change', async () => {
    const run = await start(queued());
    await run.move(claim());
    await until(async () => (await run.attributes())['TenureStage']?.[0] === 'claimed');
    await run.move({ stage: 'queued', claimUntilMs: null });
    await until(async () => (await run.attributes())['TenureStage']?.[0] === 'queued');
    await run.move({ stage: 'withdrawn' });

    expect(await run.handle.result()).toEqual({ ending: 'withdrawn' });
    expect(done).toEqual([]);
  });

  it('A run ignores a signal that comes late or again', async () => {
    const run = await start(queued());
    const early = await run.move(claim(), { told: false });
    const late = await run.move({ stage: 'queued', claimUntilMs: null }, { told: false });
    const last = await run.move({ ...claim(), claimUntilMs: Date.UTC(2036, 0, 1, 17, 30) });
    for (const move of [early, late, last]) await run.handle.signal(planChangeMovedSignal, move);
    await until(async () => (await run.details()).includes('2036-01-01'));

    expect(await run.details()).toContain('Until: **2036-01-01 17:30 UTC**');
    expect(await run.attributes()).toMatchObject({ TenureStage: ['claimed'] });
    expect(done).toEqual([]);
    await replayHowever([{ workflowId: run.handle.workflowId, history: await run.handle.fetchHistory() }]);
  });

  it.each<[string, Partial<PlanChangeSnapshot>]>([
    ['put in another place of the queue', { stage: 'queued', route: 'unit', waitingSinceMs: HELD + 1 }],
    ['held', { stage: 'held', heldSinceMs: HELD }],
    ['completed', { stage: 'completed', outcome: 'none' }],
  ])('A run loads a change whose deadlines or outcome its signal cannot say: %s', async (_what, change) => {
    const run = await start({ ...queued(), stage: 'with-facilitator', route: 'internal-agent' });
    await run.move(change);

    await until(async () => (await run.details()).includes(change.stage!));

    expect(done).toContain('look');
  });

  it.each<[string, Partial<PlanChangeInput>, boolean]>([
    ['of an API of the build before', {}, false],
    ['to a run of the build before', { revision: 3 }, true],
  ])('A signal %s makes the run load the change', async (_whose, input, isSaid) => {
    const run = await start(queued(), input);
    const move = await run.move(claim(), { told: false });
    await run.handle.signal(planChangeMovedSignal, ...(isSaid ? [move] : []));
    await until(async () => (await run.attributes())['TenureStage']?.[0] === 'claimed');

    expect(done).toEqual(['look']);
  });

  it('A run that ended a claim itself ignores the signal of that claim, and takes the next one', async () => {
    const run = await start(queued());
    const claimed = await run.move({ stage: 'claimed', claimUntilMs: now() + MINUTE_MS });
    await run.pass(2 * MINUTE_MS);
    await until(() => done.at(-1) === 'look' && steps().includes('put-back'));
    await run.handle.signal(planChangeMovedSignal, claimed);
    await run.move({ stage: 'withdrawn' });

    expect(await run.handle.result()).toEqual({ ending: 'withdrawn' });
    expect(steps()).toEqual(['put-back']);
  });
});

describe('runs that missed an event', () => {
  it('A run loads its change every six hours without being notified', async () => {
    const run = await start({ ...queued(), stage: 'with-facilitator', route: 'internal-agent' });
    await run.move({ stage: 'withdrawn' }, { told: false });
    const open = await run.pass(6 * HOUR_MS - MINUTE_MS);
    await run.pass(2 * MINUTE_MS);

    expect(open).toBe(true);
    expect(await run.handle.result()).toEqual({ ending: 'withdrawn' });
  });

  it('A run escalates nothing that somebody has claimed in the meantime', async () => {
    const run = await start(queued());
    await run.move({ stage: 'claimed', claimUntilMs: now() + HOUR_MS }, { told: false });
    await run.pass(20 * MINUTE_MS);
    await until(async () => (await run.attributes())['TenureStage']?.[0] === 'claimed');

    expect(steps()).toEqual([]);
  });

  it('A run announces a recorded decision that it did not make itself', async () => {
    const run = await start(queued());
    await run.move({ stage: 'completed', outcome: 'ended' });

    expect(await run.handle.result()).toEqual({ ending: 'completed', agentOfRecord: 'ended' });
    expect([steps(), emails()]).toEqual([[], EMAILS.ended]);
  });

  it.each([
    ['completed it', {}],
    ['completed it in steps, like runs of the build before', { revision: 3 }],
  ] as const)(
    'A run whose change took another one’s place tells who had gained by that one: it %s',
    async (_how, input) => {
      alsoConcerned = ['20419'];
      const run = await start(queued(), input);

      const answer = await run.complete();
      await run.handle.result();

      expect(answer).toEqual({ kind: 'completed' });
      expect(emails()).toEqual(['agent-of-record-corrected', ...EMAILS.transferred]);
      const [, planChangeId] = run.handle.workflowId.split('/');
      expect(messageIds).toContain(`agent-of-record-corrected.${planChangeId}.20419`);
      expect(await run.details()).toContain('Email agent-of-record-corrected to 20419: **delivered**');
      await replayHowever([{ workflowId: run.handle.workflowId, history: await run.handle.fetchHistory() }]);
    },
  );

  it('A run that learns of its completion from the record tells who had gained by the replaced change, too', async () => {
    const run = await start(queued());
    await run.move({ stage: 'completed', outcome: 'retained', alsoConcerned: ['20419'] });

    await run.handle.result();

    expect(emails()).toEqual(['agent-of-record-corrected', ...EMAILS.retained]);
  });

  it('A run of an earlier build leaves the emails of its decision to runs of their own', async () => {
    const run = await start(queued(), { revision: 2 });

    expect(await run.complete()).toEqual({ kind: 'completed' });
    expect(await run.handle.result()).toEqual({ ending: 'completed', agentOfRecord: 'transferred' });
    expect(done).toEqual(['gather', 'record transferred', 'announce']);
  });

  it('A run of the build before completes in steps, and sends the emails of its decision itself', async () => {
    const run = await start({ ...queued(), stage: 'with-facilitator' }, { revision: 3 });
    gathered = { ...eligible, facilitator: { agentKey: '20418', standing: { ...all, appointed: false } } };

    const held = await run.complete();
    await until(() => steps().length === 3);
    const told = steps().at(-1);
    await run.move({ stage: 'with-facilitator' });
    gathered = eligible;

    expect(held).toEqual({ kind: 'held', defect: 'not-appointed' });
    expect(await run.complete()).toEqual({ kind: 'completed' });
    expect(await run.handle.result()).toEqual({ ending: 'completed', agentOfRecord: 'transferred' });
    expect(steps()).toEqual(['gather', 'hold not-appointed', told, 'gather', 'record transferred']);
    expect(emails()).toEqual(EMAILS.transferred);
  });

  it('A run whose one email fails for good sends the others before it fails', async () => {
    let goOn = (): void => {};
    mailServer = new Promise((resolve) => (goOn = resolve));
    failsForGood = 'agent-of-record-gained';
    const run = await start(queued());

    await run.complete();
    await until(() => emails().length === 3);
    goOn();

    await expect(run.handle.result()).rejects.toMatchObject({ cause: { name: 'ActivityFailure' } });
    expect(await run.details()).toContain('Email agent-of-record-lost: **delivered**');
    expect(await run.details()).toContain('Email plan-change-completed: **delivered**');
  });

  it('A run shows its outcome and what it waits for until its last email has ended', async () => {
    let goOn = (): void => {};
    mailServer = new Promise((resolve) => (goOn = resolve));
    const run = await start(queued());

    const completed = await run.complete();
    await until(() => emails().length === 3);
    const details = await run.details();
    await until(async () => (await run.attributes())['TenureStage']?.[0] === 'mail');
    const again = await run.complete();
    goOn();

    expect(completed).toEqual({ kind: 'completed' });
    expect(again).toEqual({ kind: 'wrong-stage', stage: 'completed' });
    expect(details).toContain('Waits for: **the mail server to take its emails**');
    expect(details).toContain('Email agent-of-record-lost: **waiting for the mail server**');
    expect(await run.handle.result()).toEqual({ ending: 'completed', agentOfRecord: 'transferred' });
    expect(await run.details()).toContain('Email agent-of-record-lost: **delivered**');
    expect(await run.attributes()).toMatchObject({
      TenureStage: ['ended'],
      TenureOutcome: ['aor-transferred'],
    });
  });

  it('A run learns of a completion that it missed when somebody completes the change again', async () => {
    const run = await start(queued());
    await run.move({ stage: 'completed', outcome: 'retained' }, { told: false });
    gathered = { kind: 'wrong-stage', stage: 'completed' };

    expect(await run.complete()).toEqual(gathered);
    expect(await run.handle.result()).toEqual({ ending: 'completed', agentOfRecord: 'retained' });
    expect([steps(), emails()]).toEqual([['complete'], EMAILS.retained]);
  });

  it('A run ends as void when its change was never recorded', async () => {
    const run = await start(queued());
    record = null;
    await run.handle.signal(planChangeMovedSignal);
    const open = await run.pass(50_000);
    await run.pass(15_000);

    expect(open).toBe(true);
    expect(await run.handle.result()).toEqual({ ending: 'void' });
    expect(await run.attributes()).toMatchObject({ TenureOutcome: ['void'] });
  });

  it('A run continues with a change that was only recorded late', async () => {
    const run = await start(queued());
    const [standing] = [record];
    record = null;
    await run.handle.signal(planChangeMovedSignal);
    await until(() => done.includes('look'));
    record = standing;
    await run.pass(61_000);

    expect(await run.complete()).toEqual({ kind: 'completed' });
  });
});

describe('completing', () => {
  it('A completion decides and records in one step and sends each email once, and the run ends with the outcome', async () => {
    const run = await start({ ...queued(), stage: 'with-facilitator', route: 'external-agent' });

    expect(await run.complete()).toEqual({ kind: 'completed' });
    expect(await run.handle.result()).toEqual({ ending: 'completed', agentOfRecord: 'transferred' });
    expect([steps(), emails()]).toEqual([['complete', 'record transferred'], EMAILS.transferred]);
    expect(await run.attributes()).toMatchObject({
      TenureStage: ['ended'],
      TenureOutcome: ['aor-transferred'],
    });
  });

  it('A change is held when the facilitator is not eligible, until another one is put in', async () => {
    const run = await start({ ...queued(), stage: 'with-facilitator', route: 'external-agent' });
    gathered = { ...eligible, facilitator: { agentKey: '20418', standing: { ...all, appointed: false } } };
    const held = await run.complete();
    const attributes = await run.attributes();
    const details = await run.details();
    await until(() => steps().length === 3);
    const told = steps().at(-1);
    await run.move({ stage: 'with-facilitator' });
    gathered = eligible;
    const completed = await run.complete();

    expect(held).toEqual({ kind: 'held', defect: 'not-appointed' });
    expect(attributes).toMatchObject({ TenureStage: ['held'] });
    expect(details).toContain('Waits for: **staff to put in another facilitator');
    expect(completed).toEqual({ kind: 'completed' });
    await run.handle.result();
    // The unit's lead is told at once.
    expect(told).toMatch(`escalate held.${HELD}.`);
    expect(steps()).toEqual([...['complete', 'hold not-appointed', told, 'complete', 'record transferred']]);
    expect(emails()).toEqual(EMAILS.transferred);
  });

  it.each([0, 1, 2])(
    'The lead is told of a change held for %i weeks, and the change is never abandoned',
    async (weeks) => {
      // The run loads the change every six hours, and real time passes then: it begins an hour earlier.
      const since = now() - weeks * 7 * DAY_MS + HOUR_MS;
      const held = { ...queued(), stage: 'held', route: 'external-agent', heldSinceMs: since } as const;
      const told = weeks === 0 ? [] : [`held.${since}.${weeks - 1}` as const];
      const run = await start({ ...held, abandonAtMs: since - DAY_MS }, { escalated: told });
      const before = steps();
      const open = await run.pass(2 * HOUR_MS);
      await until(() => steps().length === 1);
      await until(async () => (await run.details()).includes('held'));

      expect([before, open]).toEqual([[], true]);
      expect(steps()).toEqual([`escalate held.${since}.${weeks}`]);
      expect(await run.details()).toContain('Given up: **never, while it is held**');
      await run.move({ stage: 'withdrawn' });
      expect(await run.handle.result()).toEqual({ ending: 'withdrawn' });
    },
  );

  it.each<[CompletionRefusal]>([
    [{ kind: 'wrong-stage', stage: 'queued' }],
    [{ kind: 'claimed-by-other' }],
    [{ kind: 'not-the-facilitator' }],
    [{ kind: 'plan-unknown' }],
    [{ kind: 'not-eligible', reason: 'plan-not-offered' }],
  ])('A completion refused with %j leaves the change open', async (refusal) => {
    const run = await start(queued());
    gathered = refusal;
    const answer = await run.complete();
    const open = await run.pass(MINUTE_MS);

    expect([answer, open, steps()]).toEqual([refusal, true, ['complete']]);
  });

  it('A completion is refused when the change moved before it could be recorded', async () => {
    const run = await start(queued());
    recorded = { kind: 'wrong-stage', stage: 'withdrawn' };

    expect(await run.complete()).toEqual(recorded);
    expect(emails()).toEqual([]);
  });

  it('A completion happens once, however many ask at once', async () => {
    const run = await start(queued());
    let goOn = (): void => {};
    holdUp = new Promise((resolve) => (goOn = resolve));
    const asked = Promise.all(Array.from({ length: 5 }, () => run.complete()));
    await until(() => done.includes('record transferred'));
    goOn();

    const kinds = (await asked).map(({ kind }) => kind);
    expect(kinds.filter((kind) => kind === 'completed')).toHaveLength(1);
    expect(kinds.filter((kind) => kind === 'wrong-stage' || kind === 'gone')).toHaveLength(4);
    await run.handle.result();
    expect([steps(), emails()]).toEqual([['complete', 'record transferred'], EMAILS.transferred]);
  });

  it('A run replays the same when everything arrived at once while no worker was there', async () => {
    await stopWorker();
    const run = await start(queued());
    await run.move({ stage: 'claimed', claimUntilMs: now() + HOUR_MS });
    const asked = Promise.all(Array.from({ length: 4 }, () => run.complete()));
    await run.handle.signal(planChangeMovedSignal);
    await sleep(500);
    ({ stop: stopWorker } = await temporal.startWorker(activities));

    const kinds = (await asked).map(({ kind }) => kind);
    await run.handle.result();
    const history = await run.handle.fetchHistory();
    await replayHowever([{ workflowId: run.handle.workflowId, history }]);

    expect(kinds.filter((kind) => kind === 'completed')).toHaveLength(1);
    expect(steps().filter((step) => step.startsWith('record'))).toHaveLength(1);
  });

  it('A run that is cancelled during a completion still finishes it', async () => {
    const run = await start(queued());
    let goOn = (): void => {};
    holdUp = new Promise((resolve) => (goOn = resolve));
    const asked = run.complete();
    await until(() => done.includes('record transferred'));
    await run.handle.cancel();
    goOn();

    expect(['completed', 'gone']).toContain((await asked).kind);
    expect(await run.handle.result()).toEqual({ ending: 'completed', agentOfRecord: 'transferred' });
    expect(emails()).toEqual(EMAILS.transferred);
  });
});

it('A cancelled run stops keeping time and ends as cancelled', async () => {
  const run = await start(queued());
  await run.handle.cancel();

  await expect(run.handle.result()).rejects.toMatchObject({ cause: { name: 'CancelledFailure' } });
  expect(await run.attributes()).toMatchObject({ TenureOutcome: ['cancelled'] });
  expect(steps()).toEqual([]);
});

it('Operators see a change’s stage, what it waits for and until when', async () => {
  const run = await start(queued());
  const waiting = await run.details();
  await run.move({ stage: 'claimed', claimUntilMs: Date.UTC(2036, 0, 1, 17, 30) });
  await until(async () => (await run.details()).includes('claimed'));
  const claimed = await run.details();

  expect(waiting).toMatch(
    /^- Stage: \*\*queued\*\*\n- Waits for: \*\*a representative .*\*\*\n- Until: \*\*[\d :-]+ UTC\*\*\n- Route: \*\*unit\*\*/,
  );
  expect(claimed).toContain('Until: **2036-01-01 17:30 UTC**');
});

it('A change can be found under the unit once an internal agent has referred it', async () => {
  const run = await start({ ...queued(), stage: 'with-facilitator', route: 'internal-agent' });
  await run.move({ stage: 'queued', route: 'unit' });
  await until(async () => (await run.attributes())['TenureRoute']?.[0] === 'unit');

  expect(await run.attributes()).toMatchObject({ TenureStage: ['queued'] });
});
