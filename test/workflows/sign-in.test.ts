import { randomUUID } from 'node:crypto';
import { createActivities } from '../../src/activities';
import { createKeyring } from '../../src/adapters/keys/keyring';
import { createSignInRuns } from '../../src/adapters/temporal/sign-in-runs';
import { signInRunId } from '../../src/contracts/workflow-ids';
import { UnavailableError } from '../../src/ports/errors';
import { operationOf } from '../../src/ports/operation';
import type { SignInRecord, SignIns } from '../../src/ports/sign-in';
import { MARIA, createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { newPepper } from '../support/keyring';
import { portalPolicies } from '../support/brand';
import { secret } from '../../lab/system/secrets';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';

const RULE = portalPolicies.member.twoStep!;
const FREE_AGAIN_MS = 1_800_000;

let temporal: TestTemporal;
let stopWorker: () => Promise<void>;
let fakes: ActivityFakes;
let signIns: SignIns;
let aheadMs = 0;
/** First codes that were counted, and those that were given back. */
let counted: string[];
let givenBack: string[];

beforeAll(async () => {
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());

beforeEach(async () => {
  temporal.newTaskQueue();
  const keys = createKeyring([newPepper('now')]);
  fakes = createActivityFakes(keys);
  fakes.clock = Date.now;
  aheadMs = 0;
  [counted, givenBack] = [[], []];
  const records = fakes.deps.signIns;
  signIns = createSignInRuns({
    client: temporal.client,
    connection: temporal.connection,
    taskQueue: temporal.taskQueue,
    keys,
    records: {
      ...records,
      open: async () => undefined,
      find: async (id) => ({ ...(await records.find(id))!, pepperId: keys.currentId }),
      findOfSession: async () => null,
      countCode: async (code) => {
        counted.push(code.signInId);
        return records.countCode(code);
      },
      uncountCode: async (id) => void givenBack.push(id),
      freeAgainAtMs: async (_account, _codes, nowMs) => nowMs + FREE_AGAIN_MS,
    },
    rule: RULE,
    clock: () => Date.now() + aheadMs,
  });
  ({ stop: stopWorker } = await temporal.startWorker(createActivities(fakes.deps)));
});
afterEach(() => stopWorker());

const subject = { accountId: MARIA.accountId, purpose: 'sign-in', application: 'portal' } as const;
const operation = () => operationOf(randomUUID());

async function open(by = operation()): Promise<SignInRecord> {
  const opened = await signIns.open({ ...subject, credentialId: randomUUID() }, by);
  if (opened.kind !== 'open') throw new Error(`not opened: ${opened.kind}`);
  const record = (await fakes.deps.signIns.find(opened.signIn.signInId))!;
  return { ...record, pepperId: 'now' };
}

/** The code in the `count`-th email. */
async function codeFromMail(count = 1): Promise<string> {
  await until(() => fakes.sent.length >= count);
  return secret(fakes.sent[count - 1]!.text);
}

const forward = ({ signInId }: SignInRecord, seconds: number): Promise<boolean> => {
  aheadMs += seconds * 1000;
  return temporal.forward(signInRunId(signInId), seconds);
};

const endingOf = ({ signInId }: SignInRecord): Promise<unknown> =>
  temporal.client.workflow.getHandle(signInRunId(signInId)).result();

it('The emailed code verifies a sign-in once, and its repeated request gets the same answer', async () => {
  const record = await open();
  const right = await codeFromMail();
  const by = operation();

  const accepted = await signIns.submitCode(record, right, by);
  const again = await signIns.submitCode(record, right, operation());

  expect(accepted).toEqual({ kind: 'accepted' });
  expect(await signIns.submitCode(record, right, by)).toEqual({ kind: 'accepted' });
  expect(again).toEqual({ kind: 'over' });
  expect(await endingOf(record)).toEqual({ ending: 'verified' });
  expect(await signIns.look(record)).toEqual({ kind: 'over' });
  expect(fakes.sent.map(({ subject: title, messageId }) => [title, messageId])).toEqual([
    ['sign-in', `sign-in-code.${record.signInId}.1`],
  ]);
});

it('Of twenty parallel guesses three are compared, and then the right code is refused', async () => {
  const record = await open();
  const right = await codeFromMail();
  const wrong = right === '000000' ? '000001' : '000000';

  const answers = await Promise.all(
    Array.from({ length: 20 }, () => signIns.submitCode(record, wrong, operation())),
  );

  expect(answers.filter(({ kind }) => kind === 'wrong')).toHaveLength(3);
  expect(answers.filter(({ kind }) => kind === 'exhausted')).toHaveLength(17);
  expect(await signIns.submitCode(record, right, operation())).toMatchObject({ kind: 'exhausted' });
  expect(await signIns.look(record)).toMatchObject({ kind: 'open', signIn: { view: { triesLeft: 0 } } });
});

it('A new code is made once after 45 seconds, replaces the one before, and lives ten minutes', async () => {
  const record = await open();
  const first = await codeFromMail();
  await forward(record, 20);
  const early = await signIns.resend(record, operation());
  await forward(record, 26);

  const answers = await Promise.all([1, 2].map(() => signIns.resend(record, operation())));

  expect(early).toMatchObject({ kind: 'too-soon' });
  expect(answers.map(({ kind }) => kind).toSorted()).toEqual(['open', 'too-soon']);
  const second = await codeFromMail(2);
  if (first !== second)
    expect(await signIns.submitCode(record, first, operation())).toEqual({ kind: 'wrong', triesLeft: 2 });
  expect(await forward(record, 595)).toBe(true);
  expect(await signIns.submitCode(record, second, operation())).toEqual({ kind: 'accepted' });
});

it('A sign-in without a code ends after ten minutes', async () => {
  const record = await open();
  const right = await codeFromMail();

  expect(await forward(record, 599)).toBe(true);
  expect(await forward(record, 2)).toBe(false);

  expect(await endingOf(record)).toEqual({ ending: 'expired' });
  expect(await signIns.submitCode(record, right, operation())).toEqual({ kind: 'over' });
  expect(await signIns.resend(record, operation())).toEqual({ kind: 'over' });
});

it('When the codes of the hour are used up, no sign-in opens, and an open one gets no new code but keeps its own', async () => {
  fakes.codesPerHourLeft = 1;
  const record = await open();
  const right = await codeFromMail();

  const another = await signIns.open({ ...subject, credentialId: randomUUID() }, operation());
  await forward(record, 46);
  const resent = await signIns.resend(record, operation());

  const exhausted = { kind: 'exhausted', retryAfterMs: FREE_AGAIN_MS };
  expect([another, resent]).toEqual([exhausted, exhausted]);
  expect(fakes.sent).toHaveLength(1);
  expect(await signIns.submitCode(record, right, operation())).toEqual({ kind: 'accepted' });
});

it('A sign-in that no longer stands sends nothing and takes no code', async () => {
  fakes.signInStands = false;
  const record = await open();
  const { signInId } = record;
  const handle = temporal.client.workflow.getHandle(signInRunId(signInId));

  await until(async () => (await handle.describe()).raw.pendingActivities?.length === 0);

  expect(fakes.sent).toEqual([]);
  expect(await signIns.submitCode(record, '000000', operation())).toEqual({ kind: 'over' });
  expect(await signIns.resend(record, operation())).toEqual({ kind: 'over' });
});

it('A repeated opening finds its run; one that Temporal could not start costs no code', async () => {
  const by = operation();
  const record = await open(by);
  const again = await open(by);
  const start = jest.spyOn(temporal.client.workflow, 'start').mockRejectedValueOnce(new UnavailableError());
  await expect(open()).rejects.toThrow(UnavailableError);
  start.mockRestore();

  expect(again.signInId).toBe(record.signInId);
  expect(counted).toEqual([record.signInId, record.signInId, expect.any(String)]);
  expect(givenBack).toEqual([counted[2]]);
});

it('A cancelled run ends as cancelled', async () => {
  const record = await open();
  await codeFromMail();

  await temporal.client.workflow.getHandle(signInRunId(record.signInId)).cancel();

  await expect(endingOf(record)).rejects.toThrow();
  expect(await signIns.look(record)).toEqual({ kind: 'over' });
});
