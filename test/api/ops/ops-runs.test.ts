/** What operators do with runs, on a real Temporal server. */
import { randomUUID } from 'node:crypto';
import { Client, Connection, WorkflowNotFoundError } from '@temporalio/client';
import { createNoticeStarter } from '../../../src/adapters/temporal/notice-starter';
import type { LedgerEmail, OpsRun, OpsRuns, ResendableEmail, RunFilter } from '../../../src/ports/ops';
import { createOpsRuns } from '../../../src/adapters/temporal/ops-runs';
import {
  correctionNotices,
  replacementNotices,
  type DeliverNoticeInput,
} from '../../../src/contracts/notice';
import { PASSWORD_RESET_WORKFLOW } from '../../../src/contracts/password-reset';
import { searchAttributes } from '../../../src/contracts/search-attributes';
import { aorCorrectionId, planChangeRunId } from '../../../src/contracts/workflow-ids';
import { DAY_MS } from '../../../src/domain/time';
import { createTestTemporal, type TestTemporal } from '../../support/temporal';
import { until } from '../../support/until';

let temporal: TestTemporal;
let opsRuns: OpsRuns;
/** What the ledger says of resends. */
let resends: number;

beforeAll(async () => {
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());
beforeEach(() => {
  temporal.newTaskQueue();
  resends = 0;
  const { client, connection, taskQueue } = temporal;
  const emails = { find: async () => ({ resends }) as LedgerEmail };
  opsRuns = createOpsRuns({
    client,
    connection,
    taskQueue,
    emails,
    notices: createNoticeStarter(client, taskQueue),
  });
});

/** A run that nobody works on, with the search attributes `about`. */
async function startRun(
  about: Partial<Record<keyof typeof searchAttributes, string>> = {},
  workflowId = `password-reset/member/${randomUUID()}`,
): Promise<string> {
  await temporal.client.workflow.start(PASSWORD_RESET_WORKFLOW, {
    workflowId,
    taskQueue: temporal.taskQueue,
    args: [],
    typedSearchAttributes: Object.entries(about).map(([name, value]) => ({
      key: searchAttributes[name as keyof typeof searchAttributes],
      value,
    })),
  });
  return workflowId;
}

/** Ends what nobody works on: it has no history that could be replayed. */
afterEach(async () => {
  for await (const { workflowId } of temporal.client.workflow.list({
    query: `TaskQueue = '${temporal.taskQueue}' AND ExecutionStatus = 'Running'`,
  }))
    await temporal.client.workflow.getHandle(workflowId).terminate().catch(unlessOver);
});

function unlessOver(error: unknown): void {
  if (!(error instanceof WorkflowNotFoundError)) throw error;
}

const listed = async (filter: RunFilter, howMany: number): Promise<readonly OpsRun[]> => {
  await until(async () => (await opsRuns.list(filter, undefined)).runs.length === howMany);
  return (await opsRuns.list(filter, undefined)).runs;
};

it('OpsRuns.list returns only the runs of its task queue, with their search attributes', async () => {
  const account = randomUUID();
  const startingAtMs = Date.now();
  const workflowId = await startRun({ account, portal: 'member', stage: 'pin' });
  await startRun({ account: randomUUID() });
  temporal.newTaskQueue();
  const elsewhere = await startRun({ account });

  const [run] = await listed({ account }, 1);

  expect(run).toEqual({
    workflowId,
    runId: expect.any(String),
    type: 'passwordReset',
    status: 'open',
    startedAtMs: expect.any(Number),
    closedAtMs: null,
    portal: 'member',
    stage: 'pin',
    account,
    customer: null,
    agent: null,
    route: null,
    outcome: null,
  });
  expect(run?.startedAtMs).toBeGreaterThanOrEqual(startingAtMs);
  expect(run?.startedAtMs).toBeLessThanOrEqual(Date.now());
  expect(await opsRuns.findOpen(elsewhere)).toBeNull();
  await temporal.client.workflow.getHandle(elsewhere).terminate();
});

it.each(['C-500001', 'Ñandú 7 %_', "O'Hara"])(
  'OpsRuns.list filters runs by the customer %s',
  async (customer) => {
    const workflowId = await startRun({ customer });
    await startRun({ customer: 'C-1' });

    expect((await listed({ customer }, 1)).map((run) => run.workflowId)).toEqual([workflowId]);
  },
);

it.each([`' OR TaskQueue != '`, String.raw`\' OR TaskQueue != 'x`, String.raw`x\\' OR TaskQueue != 'x`])(
  'OpsRuns.concerning finds no runs for the injection attempt %s',
  async (customer) => {
    await startRun({ customer: 'C-1' });
    await listed({}, 1);

    expect(await opsRuns.concerning({ customer })).toEqual([]);
  },
);

it('OpsRuns.list returns each run exactly once across its pages', async () => {
  const ids = await Promise.all(Array.from({ length: 55 }, () => startRun()));
  await until(async () => (await opsRuns.list({}, undefined)).nextPage !== null);
  const query = `TaskQueue = '${temporal.taskQueue}'`;
  await until(async () => (await temporal.client.workflow.count(query)).count === 55);

  const first = await opsRuns.list({}, undefined);
  const second = await opsRuns.list({}, first.nextPage ?? '');

  expect([first.runs.length, second.runs.length, second.nextPage]).toEqual([50, 5, null]);
  expect(new Set([...first.runs, ...second.runs].map(({ workflowId }) => workflowId))).toEqual(new Set(ids));
});

it('OpsRuns.requestCancel can be repeated and is false for an unknown run; findOpen finds no closed run', async () => {
  const workflowId = await startRun();

  const over = await startRun();
  await temporal.client.workflow.getHandle(over).terminate();

  const answers = [await opsRuns.requestCancel(workflowId), await opsRuns.requestCancel(workflowId)];

  expect(answers).toEqual([true, true]);
  expect(await opsRuns.requestCancel('never/was')).toBe(false);
  expect([await opsRuns.findOpen(over), await opsRuns.findOpen('never/was')]).toEqual([null, null]);
});

describe('Resending an email', () => {
  const email = (fields: Partial<ResendableEmail> = {}): ResendableEmail => {
    const reference = randomUUID();
    return {
      messageId: `password-changed.${reference}`,
      kind: 'password-changed',
      reference,
      resends: 0,
      accountId: randomUUID(),
      status: 'refused',
      firstTriedAtMs: Date.now(),
      validUntilMs: Date.now() + DAY_MS,
      ...fields,
    };
  };

  it('Concurrent resends of one email start a single run', async () => {
    const refused = email();

    const answers = await Promise.all([
      opsRuns.resend(refused, randomUUID()),
      opsRuns.resend(refused, randomUUID()),
      opsRuns.resend(refused, randomUUID()),
    ]);

    expect(answers.filter((answer) => answer !== null)).toEqual([`notice/${refused.messageId}/again-1`]);
  });

  it('A resend takes the next number when the last run was stopped before its first attempt', async () => {
    const refused = email({ resends: 3 });
    const stopped = (await opsRuns.resend(refused, randomUUID())) ?? '';
    resends = 3;
    await temporal.client.workflow.getHandle(stopped).terminate();

    expect([stopped, await opsRuns.resend(refused, randomUUID())]).toEqual([
      `notice/${refused.messageId}/again-4`,
      `notice/${refused.messageId}/again-5`,
    ]);
  });

  it('A resend starts nothing when the email was resent in the meantime', async () => {
    const refused = email();
    await temporal.client.workflow.getHandle((await opsRuns.resend(refused, randomUUID())) ?? '').terminate();
    resends = 1;

    expect(await opsRuns.resend(refused, randomUUID())).toBeNull();
  });

  it('OpsRuns.findResend finds the run that a request started, open or closed, and no other', async () => {
    const refused = email({ resends: 1 });
    const [mine, nobodys] = [randomUUID(), randomUUID()];
    const started = (await opsRuns.resend(refused, mine)) ?? '';

    const before = await opsRuns.findResend(refused, mine);
    await temporal.client.workflow.getHandle(started).terminate();
    const answers = [
      before,
      await opsRuns.findResend(refused, mine),
      // The run has tried since.
      await opsRuns.findResend({ ...refused, resends: 2 }, mine),
      await opsRuns.findResend(refused, nobodys),
      await opsRuns.findResend(email(), mine),
    ];

    expect(started).toBe(`notice/${refused.messageId}/again-2`);
    expect(answers).toEqual([started, started, started, null, null]);
  });

  it('OpsRuns.isBeingSent is true only while a run sends the email', async () => {
    const pending = email({ status: 'pending' });
    const before = await opsRuns.isBeingSent(pending);
    await opsRuns.resend(pending, randomUUID());

    expect([before, await opsRuns.isBeingSent({ ...pending, resends: 1 })]).toEqual([false, true]);
    expect(await opsRuns.isBeingSent({ ...pending, resends: 1, status: 'delivered' })).toBe(false);
  });

  it('OpsRuns.isBeingSent is true while the reset that changed the password is open', async () => {
    const accountId = randomUUID();
    const pending = email({ status: 'pending', kind: 'password-changed', accountId });
    const before = await opsRuns.isBeingSent(pending);
    await startRun({ account: accountId, stage: 'pin' });
    await listed({ account: accountId }, 1);
    const ofAnotherReset = await opsRuns.isBeingSent(pending);
    const workflowId = await startRun({ account: accountId, stage: 'mail' });
    await listed({ account: accountId }, 2);
    const open = await opsRuns.isBeingSent(pending);
    await temporal.client.workflow.getHandle(workflowId).terminate();

    expect([before, ofAnotherReset, open]).toEqual([false, false, true]);
    await until(async () => !(await opsRuns.isBeingSent(pending)));
  });

  it('OpsRuns.isBeingSent is true for a decision’s email while the plan change’s run is open', async () => {
    const reference = randomUUID();
    const pending = email({ status: 'pending', kind: 'agent-of-record-kept', accountId: null, reference });
    const before = await opsRuns.isBeingSent(pending);
    const workflowId = await startRun({}, planChangeRunId(reference));
    const open = await opsRuns.isBeingSent(pending);
    const resent = await opsRuns.isBeingSent({ ...pending, resends: 1 });
    await temporal.client.workflow.getHandle(workflowId).terminate();

    expect([before, open, resent, await opsRuns.isBeingSent(pending)]).toEqual([false, true, false, false]);
  });

  it('OpsRuns.isBeingSent is true for a correction’s email while the correction’s run is open', async () => {
    const [correctionId, planChangeId] = [randomUUID(), randomUUID()];
    const notices = correctionNotices({ correctionId, planChangeId, agentKeys: ['20417'], atMs: Date.now() });
    const pending = notices.map(({ messageId, kind, reference }) =>
      email({ status: 'pending', messageId, kind, accountId: null, reference }),
    );
    const areBeingSent = () => Promise.all(pending.map((each) => opsRuns.isBeingSent(each)));
    const workflowId = await startRun({}, aorCorrectionId(correctionId));
    const open = await areBeingSent();
    await temporal.client.workflow.getHandle(workflowId).terminate();

    expect([open, await areBeingSent()]).toEqual([
      [true, true],
      [false, false],
    ]);
  });

  it('OpsRuns.isBeingSent is true for the email about a replaced change while the run of the later one is open', async () => {
    const planChangeId = randomUUID();
    const [{ messageId, kind, reference }] = replacementNotices(planChangeId, ['20417'], Date.now()) as [
      DeliverNoticeInput,
    ];
    const pending = email({ status: 'pending', messageId, kind, accountId: null, reference });
    const workflowId = await startRun({}, planChangeRunId(planChangeId));
    const open = await opsRuns.isBeingSent(pending);
    await temporal.client.workflow.getHandle(workflowId).terminate();

    expect([open, await opsRuns.isBeingSent(pending)]).toEqual([true, false]);
  });
});

it('OpsRuns fails with UnavailableError without Temporal, but returns null for a timeline', async () => {
  const connection = Connection.lazy({ address: '127.0.0.1:1' });
  const client = new Client({ connection });
  const away = createOpsRuns({
    client,
    connection,
    taskQueue: temporal.taskQueue,
    emails: { find: async () => null },
    notices: createNoticeStarter(client, temporal.taskQueue),
  });

  const [concerning, ...answers] = await Promise.allSettled([
    away.concerning({ account: randomUUID() }),
    away.list({}, undefined),
    away.findOpen('any'),
    away.requestCancel('any'),
  ]);
  await connection.close();

  expect(answers).toEqual(
    answers.map(() => ({
      status: 'rejected',
      reason: expect.objectContaining({ name: 'UnavailableError' }),
    })),
  );
  expect(concerning).toEqual({ status: 'fulfilled', value: null });
});
