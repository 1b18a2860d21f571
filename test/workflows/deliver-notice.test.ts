import { createActivities } from '../../src/activities';
import { createNoticeStarter } from '../../src/adapters/temporal/notice-starter';
import { passwordChangedNotice } from '../../src/contracts/notice';
import { mailQueue } from '../../src/contracts/task-queue';
import { noticeId } from '../../src/contracts/workflow-ids';
import { MARIA, createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { createTestTemporal, type TestTemporal } from '../support/temporal';

let temporal: TestTemporal;
let stopWorker: () => Promise<void>;
let fakes: ActivityFakes;

beforeAll(async () => {
  temporal = await createTestTemporal();
});

afterAll(() => temporal.close());

beforeEach(async () => {
  temporal.newTaskQueue();
  fakes = createActivityFakes();
  fakes.clock = Date.now;
  ({ stop: stopWorker } = await temporal.startWorker(createActivities(fakes.deps)));
});

afterEach(() => stopWorker());

async function deliver(credentialId: string, times = 1): Promise<unknown> {
  const notices = createNoticeStarter(temporal.client, temporal.taskQueue);
  const notice = passwordChangedNotice(MARIA.accountId, credentialId, Date.now());
  for (let i = 0; i < times; i++) await notices.start(notice);
  return (await temporal.client.workflow.getHandle(noticeId(notice.messageId)).result()) as unknown;
}

describe('deliverNotice', () => {
  it('A notice is delivered once after an outage, however often it is started', async () => {
    const credentialId = crypto.randomUUID();
    fakes.credentialDates.set(credentialId, Date.now());
    let refusals = 1;
    fakes.mailServer = () => (refusals-- > 0 ? new Error('away') : { kind: 'accepted' });

    const result = await deliver(credentialId, 3);

    expect(result).toEqual({ outcome: 'delivered' });
    expect(fakes.sent).toHaveLength(1);
  });

  it('A notice is not sent again when it is started after delivery', async () => {
    const credentialId = crypto.randomUUID();
    fakes.credentialDates.set(credentialId, Date.now());
    await deliver(credentialId);

    await deliver(credentialId);

    expect(fakes.sent).toHaveLength(1);
  });

  it('A notice that an earlier build began is sent once and through the mail queue', async () => {
    const credentialId = crypto.randomUUID();
    fakes.credentialDates.set(credentialId, Date.now());
    const { revision: _, ...begun } = passwordChangedNotice(MARIA.accountId, credentialId, Date.now());
    await createNoticeStarter(temporal.client, temporal.taskQueue).start(begun);
    const run = temporal.client.workflow.getHandle(noticeId(begun.messageId));

    const result = (await run.result()) as unknown;
    const { events } = await run.fetchHistory();

    const sentFrom = (events ?? []).flatMap(
      ({ activityTaskScheduledEventAttributes }) =>
        activityTaskScheduledEventAttributes?.taskQueue?.name ?? [],
    );
    expect(result).toEqual({ outcome: 'delivered' });
    expect(fakes.sent).toHaveLength(1);
    expect(sentFrom).toEqual([mailQueue(temporal.taskQueue)]);
  });

  it('A notice that ended too early is sent when restarted after the change is written, and then never again', async () => {
    const credentialId = crypto.randomUUID();
    const notices = createNoticeStarter(temporal.client, temporal.taskQueue);
    const announced = passwordChangedNotice(MARIA.accountId, credentialId, Date.now() - 60_000);
    const run = temporal.client.workflow.getHandle(noticeId(announced.messageId));
    await notices.start(announced);
    const early: unknown = await run.result();
    fakes.credentialDates.set(credentialId, Date.now());

    await notices.start(announced);
    const sentByStarting = fakes.sent.length;
    const outcomes: unknown[] = [];
    for (let i = 0; i < 2; i++) {
      await notices.restart(announced);
      outcomes.push(await run.result());
    }

    expect([early, sentByStarting]).toEqual([{ outcome: 'outdated' }, 0]);
    expect(outcomes).toEqual([{ outcome: 'delivered' }, { outcome: 'delivered' }]);
    expect(fakes.sent).toHaveLength(1);
  });

  it('A notice that the mail server refuses ends as refused and can be found by that outcome', async () => {
    const credentialId = crypto.randomUUID();
    fakes.credentialDates.set(credentialId, Date.now());
    fakes.mailServer = () => ({ kind: 'refused', smtpCode: 550 });

    const result = await deliver(credentialId);
    const run = temporal.client.workflow.getHandle(noticeId(`password-changed.${credentialId}`));

    expect(result).toEqual({ outcome: 'refused' });
    expect((await run.describe()).searchAttributes).toMatchObject({ TenureOutcome: ['refused'] });
  });
});
