/** A correction's run, and how the API starts it and waits for it: on the real server, with fakes for the steps. */
import { randomUUID } from 'node:crypto';
import { ApplicationFailure, type SearchAttributes } from '@temporalio/common';
import { createAorCorrectionRuns } from '../../src/adapters/temporal/aor-correction-runs';
import type { AorCorrectionActivities, CarriedOutCorrection } from '../../src/contracts/aor-correction';
import type { DeliverNoticeInput, NoticeActivities } from '../../src/contracts/notice';
import { aorCorrectionId } from '../../src/contracts/workflow-ids';
import { operationOf } from '../../src/ports/operation';
import { replayHowever } from '../support/replays';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

let temporal: TestTemporal;
let carriedOut: CarriedOutCorrection;
/** How often the step fails before it succeeds, and how often it was tried. */
let failures: number;
let tries: { readonly correctionId: string; readonly atMs: number }[];
let emails: DeliverNoticeInput[];
/** What an email waits for before it is delivered. */
let mailServer: Promise<void>;

beforeAll(async () => {
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());
beforeEach(() => {
  temporal.newTaskQueue();
  carriedOut = { kind: 'corrected', agentKeys: ['20417', '20418'] };
  failures = 0;
  [tries, emails] = [[], []];
  mailServer = Promise.resolve();
});

const activities: AorCorrectionActivities & NoticeActivities = {
  async carryOutCorrection(input) {
    tries.push(input);
    if (tries.length <= failures) throw new ApplicationFailure('the database is away');
    return carriedOut;
  },
  async sendNotice(notice) {
    emails.push(notice);
    await mailServer;
    return { outcome: 'delivered' };
  },
};

const correction = (kind: 'reversal' | 'redetermination' = 'reversal') => ({
  correctionId: randomUUID(),
  planChangeId: randomUUID(),
  customerId: 'C-500001',
  kind,
});
const runs = () => createAorCorrectionRuns(temporal);
const runOf = ({ correctionId }: { readonly correctionId: string }) =>
  temporal.client.workflow.getHandle(aorCorrectionId(correctionId));
const outcomeOf = async (asked: { readonly correctionId: string }): Promise<unknown[]> => {
  const { status, searchAttributes } = await runOf(asked).describe();
  return [status.name, ...attributesOf(searchAttributes)];
};

const attributesOf = ({ TenureStage, TenureOutcome }: SearchAttributes) => [
  TenureStage?.[0],
  TenureOutcome?.[0],
];

it.each([
  ['reversal', 'reversed'],
  ['redetermination', 'redetermined'],
] as const)('A %s is answered at once, tells customer and agents, and ends as %s', async (kind, outcome) => {
  await temporal.startWorker(activities);
  const asked = correction(kind);

  const result = await runs().carryOut(asked);
  await runOf(asked).result();

  const { correctionId, planChangeId } = asked;
  expect(result).toEqual({ kind: 'corrected' });
  expect(tries).toMatchObject([{ correctionId }]);
  expect(emails.map(({ messageId }) => messageId).toSorted()).toEqual([
    `agent-of-record-corrected.${correctionId}.20417`,
    `agent-of-record-corrected.${correctionId}.20418`,
    `plan-change-corrected.${correctionId}`,
  ]);
  expect(new Set(emails.map(({ reference }) => reference))).toEqual(new Set([planChangeId]));
  expect(await outcomeOf(asked)).toEqual(['COMPLETED', 'ended', outcome]);
  const history = await runOf(asked).fetchHistory();
  await replayHowever([{ workflowId: aorCorrectionId(correctionId), history }]);
});

it('A correction that is refused is answered with the reason, and nobody is told', async () => {
  await temporal.startWorker(activities);
  carriedOut = { kind: 'refused', reason: 'already-reversed' };
  const asked = correction();

  const result = await runs().carryOut(asked);

  expect(result).toEqual(carriedOut);
  expect(await runOf(asked).result()).toEqual(carriedOut);
  expect(emails).toEqual([]);
  expect(await outcomeOf(asked)).toEqual(['COMPLETED', 'ended', 'refused']);
});

it('Its page shows what it corrects, whom it tells and what it waits for', async () => {
  await temporal.startWorker(activities);
  let deliver = (): void => {};
  mailServer = new Promise((resolve) => (deliver = resolve));
  const asked = correction();

  await runs().carryOut(asked);
  const run = await runOf(asked).describe();
  await until(() => emails.length === 3);
  const { currentDetails } = await runOf(asked).query<{ currentDetails: string }>(
    '__temporal_workflow_metadata',
  );
  deliver();
  await runOf(asked).result();

  expect(run.searchAttributes).toMatchObject({ TenureCustomer: ['C-500001'], TenureStage: ['correction'] });
  expect(await run.staticSummary()).toBe('correction of a plan change: reversal');
  expect(await run.staticDetails()).toContain('Cancelling it changes nothing');
  expect(currentDetails).toContain('Email agent-of-record-corrected to 20417: **waiting');
  expect(currentDetails).toContain(asked.planChangeId);
});

it('A request that is repeated finds the same run, also after it has ended', async () => {
  await temporal.startWorker(activities);
  const asked = correction();
  const id = randomUUID();

  const answers = await Promise.all([1, 2].map(() => runs().carryOut(asked, operationOf(id))));
  await runOf(asked).result();
  const { runId } = await runOf(asked).describe();
  const later = await runs().carryOut(asked, operationOf(id, true));

  expect([...answers, later]).toEqual([1, 2, 3].map(() => ({ kind: 'corrected' })));
  expect((await runOf(asked).describe()).runId).toBe(runId);
  expect(tries).toHaveLength(1);
});

it('A correction that nobody waits for any more is carried out when a worker and the database are back', async () => {
  const asked = correction();
  failures = 2;
  const waiting = runs()
    .carryOut(asked)
    .catch((error: unknown) => error);
  await until(
    async () =>
      (await runOf(asked)
        .describe()
        .catch(() => null)) !== null,
  );

  await temporal.startWorker(activities);
  await runOf(asked).result();

  await waiting;
  expect(tries).toHaveLength(3);
  expect(new Set(tries.map(({ atMs }) => atMs)).size).toBe(1);
  expect(emails).toHaveLength(3);
});

it('A run that is cancelled carries out what was requested, and tells everybody', async () => {
  await temporal.startWorker(activities);
  failures = 2;
  const asked = correction();
  const waiting = runs().carryOut(asked);
  await until(() => tries.length > 0);

  await runOf(asked).cancel();

  expect(await waiting).toEqual({ kind: 'corrected' });
  await runOf(asked).result();
  expect(emails).toHaveLength(3);
});
