/** Runs keep the terms they were started with, for their emails and digests too, whatever the policy is when they continue. */
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { createActivities } from '../../src/activities';
import type { PlanChangeRecord } from '../../src/ports/plan-change';
import { createEmailTemplates } from '../../src/adapters/mail/templates';
import { createKeyring } from '../../src/adapters/keys/keyring';
import { createRotationRuns } from '../../src/adapters/temporal/rotation-runs';
import { operationOf } from '../../src/ports/operation';
import type { PasswordResets } from '../../src/ports/password-reset';
import type { PlanChangeRuns } from '../../src/ports/plan-change';
import type { BrokerForReset } from '../../src/ports/registration';
import { createPasswordResets } from '../../src/adapters/temporal/password-reset-runs';
import { createSignInRuns } from '../../src/adapters/temporal/sign-in-runs';
import { createPlanChangeRuns } from '../../src/adapters/temporal/plan-change-runs';
import type { PasswordRotationInput } from '../../src/contracts/password-rotation';
import { RUN_REVISION } from '../../src/contracts/run-revision';
import {
  passwordResetId,
  passwordRotationId,
  planChangeRunId,
  signInRunId,
} from '../../src/contracts/workflow-ids';
import { DAY_MS, MINUTE_MS } from '../../src/domain/time';
import { rotationCalendar } from '../../src/domain/password-rotation/rotation-calendar';
import { MARIA, createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { changeEveryValue, valuesOf } from '../support/changed-policies';
import { newPepper } from '../support/keyring';
import { noPlanChanges } from '../support/no-plan-changes';
import { secret } from '../../lab/system/secrets';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';
import { brand, planChangePolicy, portalPolicies } from '../support/brand';

const DANA: BrokerForReset = {
  accountId: '5f0c2f3e-7e64-4b53-9a58-3a1f6f1f0b01',
  username: secret('dana.reed'),
  firstNameKey: secret('dananne'),
  lastNameKeys: [secret('reedham')],
  answers: [
    { questionId: 'first-pet', salt: 's1', stretched: 'rexington/s1', foldVersion: 2 },
    { questionId: 'first-car', salt: 's2', stretched: 'blue beetle/s2', foldVersion: 2 },
  ],
};
const answers = (pet: string) => [
  { questionId: 'first-pet', answer: secret(pet) },
  { questionId: 'first-car', answer: secret('blue beetle') },
];

let temporal: TestTemporal;
let fakes: ActivityFakes;
let resets: PasswordResets;
let keyring: ReturnType<typeof createKeyring>;
let record: PlanChangeRecord | null;
/** What the unit’s lead was told of. */
let told: string[];
/** How far the clocks of the runs and of everything else are ahead of real time. */
let aheadMs: number;
let putBack: (() => void)[];
let stopWorker: (() => Promise<void>) | undefined;

beforeAll(async () => {
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());

beforeEach(() => {
  temporal.newTaskQueue();
  [aheadMs, putBack, told, record, stopWorker] = [0, [], [], null, undefined];
  keyring = createKeyring([newPepper('now')]);
  fakes = createActivityFakes(keyring);
  fakes.clock = now;
  resets = createPasswordResets({
    client: temporal.client,
    connection: temporal.connection,
    taskQueue: temporal.taskQueue,
    keys: keyring,
    usage: fakes.deps.usage,
    records: fakes.records,
    clock: now,
    evenMs: 0,
    notices: fakes.deps.notices,
    policies: fakes.deps.policies,
    accounts: { findIdByEmail: async () => MARIA.accountId },
    brokers: { decoySeed: async () => 'seed', findForReset: async () => DANA },
    stretcher: { stretch: async (answer, salt) => `${answer}/${salt}`, newSalt: () => '' },
  });
});
afterEach(async () => {
  for (const restore of putBack) restore();
  await stopWorker?.();
});

const now = (): number => Date.now() + aheadMs;

function changePolicies(...except: string[]): void {
  putBack.push(changeEveryValue(brand, except));
}

async function startWorker(): Promise<void> {
  const { planChanges } = noPlanChanges;
  const activities = createActivities({
    ...fakes.deps,
    templates: createEmailTemplates(brand),
    planChanges: {
      ...planChanges,
      find: async () => record,
      noteEscalation: async (_id, escalation) => void told.push(escalation),
    },
  });
  ({ stop: stopWorker } = await temporal.startWorker(activities));
}

async function forward(workflowId: string, ms: number): Promise<boolean> {
  aheadMs += ms;
  return temporal.forward(workflowId, Math.ceil(ms / 1000));
}

const openedBy = <Opened extends { kind: string }>(opened: Opened): Extract<Opened, { kind: 'opened' }> => {
  expect(opened.kind).toBe('opened');
  return opened as Extract<Opened, { kind: 'opened' }>;
};

it('changePolicies changes every value of the brand', () => {
  const before = valuesOf(brand);
  changePolicies();
  const after = valuesOf(brand);

  expect([...before.keys()]).toEqual(
    expect.arrayContaining([
      '/policies/member/pin/digits',
      '/policies/broker/timeZone',
      '/planChangePolicy/claimMinutes',
      '/reversibleDays',
    ]),
  );
  expect([...before].filter(([path, value]) => after.get(path) === value)).toEqual([]);
});

describe('open member reset', () => {
  const run = () => passwordResetId('member', keyring.subjectKey('now', 'member', MARIA.email));
  const codeIn = (text: string): string => secret(/^\s*(\d{4})\s*$/m.exec(text)![1]!);

  it('A member’s open reset keeps its PIN, times and tries when all policies change', async () => {
    const { reset } = openedBy(await resets.openForMember(MARIA.email));
    const openedAtMs = reset.view.expiresAtMs - 90 * MINUTE_MS;
    changePolicies();
    await startWorker();
    await until(() => fakes.sent.length === 1);
    const { text } = fakes.sent[0]!;

    const joined = openedBy(await resets.openForMember(MARIA.email)).reset;
    await forward(run(), 85 * MINUTE_MS);
    const accepted = await resets.submitPin(joined.resetId, joined.token, codeIn(text));
    const openAfterThirtyMinutes = await forward(run(), 31 * MINUTE_MS);

    expect(text).toContain('this 4-digit PIN');
    expect(text).toContain('The PIN is good for 90 minutes');
    expect(resets.readToken(reset.resetId, reset.token).pinDigits).toBe(4);
    expect(resets.readToken(joined.resetId, joined.token).pinDigits).toBe(4);
    expect(joined).toMatchObject({ resetId: reset.resetId, view: { triesLeft: 3 } });
    expect(joined.view.resendAvailableAtMs).toBe(openedAtMs + 45_000);
    expect(accepted).toMatchObject({ kind: 'accepted' });
    expect(openAfterThirtyMinutes).toBe(false);
  });

  it('A member’s open reset sends a second PIN with the digits it was opened with', async () => {
    const { reset } = openedBy(await resets.openForMember(MARIA.email));
    changePolicies();
    await startWorker();
    await until(() => fakes.sent.length === 1);
    await forward(run(), 46_000);

    const made = await resets.resend(reset.resetId, reset.token);
    await until(() => fakes.sent.length === 2);
    const accepted = await resets.submitPin(reset.resetId, reset.token, codeIn(fakes.sent[1]!.text));

    expect(made.kind).toBe('made');
    expect(accepted.kind).toBe('accepted');
  });
});

it('An open sign-in keeps its codes, times and tries when all policies change', async () => {
  const signIns = createSignInRuns({
    client: temporal.client,
    connection: temporal.connection,
    taskQueue: temporal.taskQueue,
    keys: keyring,
    records: {
      ...fakes.deps.signIns,
      open: async () => undefined,
      find: async (id) => ({ ...(await fakes.deps.signIns.find(id))!, pepperId: 'now' }),
      findOfSession: async () => null,
      uncountCode: async () => undefined,
      freeAgainAtMs: async (_account, _codes, nowMs) => nowMs,
    },
    rule: portalPolicies.member.twoStep,
    clock: now,
  });
  const subject = { purpose: 'turn-on', accountId: MARIA.accountId, sessionDigest: 'digest' } as const;
  const opened = await signIns.open(subject, operationOf(randomUUID()));
  if (opened.kind !== 'open') throw new Error(opened.kind);
  const { signInId, view } = opened.signIn;
  changePolicies();
  await startWorker();
  await until(() => fakes.sent.length === 1);
  await forward(signInRunId(signInId), 46_000);
  const signIn = { ...(await fakes.deps.signIns.find(signInId))!, pepperId: 'now' };

  const resent = await signIns.resend(signIn, operationOf(randomUUID()));
  await until(() => fakes.sent.length === 2);
  const { text } = fakes.sent[1]!;
  await forward(signInRunId(signInId), 9 * MINUTE_MS);
  const code = secret(/^\s*(\d{6})\s*$/m.exec(text)![1]!);
  const accepted = await signIns.submitCode(signIn, code, operationOf(randomUUID()));

  expect(view).toMatchObject({ triesLeft: 3 });
  expect(text).toContain('this 6-digit code');
  expect(text).toContain('The code is good for 10 minutes');
  expect(resent).toMatchObject({ kind: 'open', signIn: { view: { triesLeft: 3 } } });
  expect(accepted).toEqual({ kind: 'accepted' });
});

it('A broker’s open reset keeps its tries and its time to choose when all policies change', async () => {
  const names = { username: DANA.username, firstName: 'Dananne', lastName: 'Reedham' };
  const { reset } = openedBy(await resets.openForBroker(names, 'answers'));
  changePolicies();
  await startWorker();

  const wrong = await resets.submitAnswers(reset.resetId, reset.token, answers('no idea'));
  const right = await resets.submitAnswers(reset.resetId, reset.token, answers('rexington'));

  expect(wrong).toMatchObject({ kind: 'wrong', triesLeft: 2 });
  expect(right).toMatchObject({ kind: 'accepted' });
  const choosingMs = right.kind === 'accepted' ? right.reset.view.expiresAtMs - reset.view.expiresAtMs : 0;
  expect(choosingMs).toBeLessThan(MINUTE_MS);
});

describe('password in its last days', () => {
  /** Set at noon in New York, this many days before today. */
  async function begin(daysAgo: number): Promise<PasswordRotationInput> {
    const noon = new Date();
    noon.setUTCHours(17, 0, 0, 0);
    const calendar = rotationCalendar(portalPolicies.broker, noon.getTime() - daysAgo * DAY_MS)!;
    const ids = { accountId: MARIA.accountId, credentialId: randomUUID() };
    const input = { portal: 'broker', ...ids, ...calendar, revision: RUN_REVISION } as const;
    await createRotationRuns(temporal.client, temporal.taskQueue).start(input);
    return input;
  }

  const idOf = ({ accountId, credentialId }: PasswordRotationInput) =>
    passwordRotationId(accountId, credentialId);
  const result = (input: PasswordRotationInput): Promise<unknown> =>
    temporal.client.workflow.getHandle(idOf(input)).result();
  const forwardTo = (input: PasswordRotationInput, atMs: number) => forward(idOf(input), atMs - now());
  const subjects = (): string[] => fakes.sent.map(({ subject }) => subject.split(': ')[1]!);
  const remindersOf = ({ credentialId }: PasswordRotationInput): string[] =>
    fakes.sent.map(({ messageId }) => messageId.replace(`password-reminder.${credentialId}.`, ''));

  it('A password is reminded of at the days, hours and time zone it began with when all policies change', async () => {
    const input = await begin(75);
    changePolicies('lifetimeDays');
    await startWorker();

    for (const [index, { atMs }] of input.reminders.entries()) {
      await forwardTo(input, atMs + MINUTE_MS);
      await until(() => fakes.sent.length === index + 1);
    }
    await forwardTo(input, input.expiresAtMs + MINUTE_MS);

    expect(subjects()).toEqual([
      'your password ends in 14 days',
      'your password ends in 7 days',
      'your password ends tomorrow',
    ]);
    expect(fakes.sent.map(({ text }) => text)).toEqual(Array(3).fill(expect.stringContaining('12:00')));
    expect(await result(input)).toEqual({ ending: 'expired', reminders: 3 });
  });

  it('A password whose end is put off is reminded of its new end and no longer of the old one', async () => {
    const input = await begin(75);
    await startWorker();
    await forwardTo(input, input.reminders[0]!.atMs + MINUTE_MS);
    await until(() => fakes.sent.length === 1);
    const broker = portalPolicies.broker.password as { lifetimeDays: number | null };
    putBack.push(() => void (broker.lifetimeDays = 90));
    broker.lifetimeDays = 120;
    const moved = rotationCalendar(portalPolicies.broker, input.expiresAtMs - 90 * DAY_MS)!;

    await forwardTo(input, input.reminders[1]!.atMs + MINUTE_MS);
    for (const [index, { atMs }] of moved.reminders.entries()) {
      await forwardTo(input, atMs + MINUTE_MS);
      await until(() => fakes.sent.length === index + 2);
    }
    await forwardTo(input, moved.expiresAtMs + MINUTE_MS);

    expect(remindersOf(input)).toEqual(['14', '14.120', '7.120', '1.120']);
    expect(await result(input)).toEqual({ ending: 'expired', reminders: 4 });
  });

  it('A password’s run ends as unlimited when the portal’s passwords no longer expire', async () => {
    const input = await begin(75);
    const broker = portalPolicies.broker.password as { lifetimeDays: number | null };
    putBack.push(() => void (broker.lifetimeDays = 90));
    broker.lifetimeDays = null;
    await startWorker();

    await forwardTo(input, input.reminders[0]!.atMs + MINUTE_MS);

    expect(await result(input)).toEqual({ ending: 'unlimited', reminders: 0 });
    expect(fakes.sent).toEqual([]);
  });
});

it('A plan change escalates and shows its abandonment by the deadlines it was taken in with', async () => {
  const change: Parameters<PlanChangeRuns['start']>[0] = {
    planChangeId: randomUUID(),
    customerId: 'C-500001',
    channel: 'plan-change-line',
    route: 'unit',
    stage: 'queued',
    facilitatorKey: null,
    planId: null,
    effectiveOn: null,
    agentKey: '20417',
    apiKeyId: randomUUID(),
    address: '192.0.2.1',
    atMs: now(),
  };
  const { planChangeId, customerId, channel, route, stage, atMs } = change;
  record = {
    planChangeId,
    customerId,
    channel,
    route,
    stage,
    openedAtMs: atMs,
    waitingSinceMs: atMs,
    facilitatorKey: null,
    planId: null,
    effectiveOn: null,
    claimedBy: null,
    claimUntilMs: null,
    heldFor: null,
    heldSinceMs: null,
    endedAtMs: null,
    outcome: null,
    moves: 0,
  };
  const runs = createPlanChangeRuns({
    client: temporal.client,
    connection: temporal.connection,
    taskQueue: temporal.taskQueue,
    policy: planChangePolicy,
    clock: now,
    planChanges: { find: async () => record },
    logger: pino({ level: 'silent' }),
  });
  await runs.start(change);
  changePolicies();
  await startWorker();
  const runId = planChangeRunId(change.planChangeId);
  await runs.notifyRun(change.planChangeId);

  await forward(runId, DAY_MS + MINUTE_MS);
  await until(() => told.includes('overdue'));
  const run = temporal.client.workflow.getHandle(runId);
  const { currentDetails } = await run.query<{ currentDetails: string }>('__temporal_workflow_metadata');

  const givenUpAt = new Date(atMs + 30 * DAY_MS).toISOString().slice(0, 16).replace('T', ' ');
  expect(currentDetails).toContain(`Given up: **${givenUpAt} UTC**`);
});
