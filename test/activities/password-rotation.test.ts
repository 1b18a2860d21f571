import { MockActivityEnvironment } from '@temporalio/testing';
import { DefaultLogger } from '@temporalio/worker';
import { createActivities } from '../../src/activities';
import { passwordChangedNotice } from '../../src/contracts/notice';
import type { SendReminderInput } from '../../src/contracts/password-rotation';
import { RUN_REVISION } from '../../src/contracts/run-revision';
import { DAY_MS, HOUR_MS } from '../../src/domain/time';
import { MARIA, createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { withMemberPasswordDays } from '../support/brand';

/** Monday, 10:00 in New York. */
const NOW = Date.UTC(2026, 1, 16, 15);
const CREDENTIAL = '0b0cba66-5bb5-4d50-8a3f-5e3c0c8f0002';

let fakes: ActivityFakes;
let activities: ReturnType<typeof createActivities>;
let nowMs: number;

beforeEach(() => {
  nowMs = NOW;
  fakes = createActivityFakes();
  fakes.clock = () => nowMs;
  activities = createActivities(fakes.deps);
});

const run = <Result>(activity: (input: never) => Promise<Result>, input: unknown): Promise<Result> =>
  new MockActivityEnvironment({}, { logger: new DefaultLogger('ERROR') }).run(
    activity as (input: unknown) => Promise<Result>,
    input,
  );

const reminder = (overrides: Partial<SendReminderInput> = {}): SendReminderInput => ({
  portal: 'broker',
  accountId: MARIA.accountId,
  credentialId: CREDENTIAL,
  daysBefore: 7,
  untilMs: NOW + 5 * DAY_MS,
  expiresAtMs: NOW + 7 * DAY_MS,
  ...overrides,
});

describe('sendReminder', () => {
  it('sendReminder run twice sends one email and records one reminder', async () => {
    const first = await run(activities.sendReminder, reminder());
    const second = await run(activities.sendReminder, reminder());

    expect([first, second]).toEqual([{ outcome: 'delivered' }, { outcome: 'delivered' }]);
    expect(fakes.sent).toMatchObject([{ messageId: `password-reminder.${CREDENTIAL}.7` }]);
    expect(fakes.reminded).toEqual([{ credentialId: CREDENTIAL, reminder: '7', atMs: NOW }]);
  });

  it('sendReminder run again after a crash between sending and recording only records the reminder', async () => {
    const record = fakes.deps.rotations.recordReminder;
    const crashing = createActivities({
      ...fakes.deps,
      rotations: { ...fakes.deps.rotations, recordReminder: () => Promise.reject(new Error('crashed')) },
    });
    await expect(run(crashing.sendReminder, reminder())).rejects.toThrow('crashed');
    expect(record).toBe(fakes.deps.rotations.recordReminder);

    const again = await run(activities.sendReminder, reminder());

    expect(again).toEqual({ outcome: 'delivered' });
    expect(fakes.sent).toHaveLength(1);
    expect(fakes.reminded).toHaveLength(1);
  });

  it.each(['rotated', 'account-closed'] as const)(
    'sendReminder sends nothing when the credential status is %s',
    async (status) => {
      fakes.credentialStatus = () => status;

      expect(await run(activities.sendReminder, reminder())).toEqual({ outcome: status });
      expect(fakes.sent).toHaveLength(0);
    },
  );

  it('sendReminder outside the reminder hours fails with a retry delay until they begin', async () => {
    nowMs = Date.UTC(2026, 1, 17, 4, 30);

    await expect(run(activities.sendReminder, reminder())).rejects.toMatchObject({
      type: 'OutsideReminderHours',
      nonRetryable: false,
      nextRetryDelay: 9.5 * HOUR_MS,
    });
    expect(fakes.sent).toHaveLength(0);

    nowMs += 9.5 * HOUR_MS;
    expect(await run(activities.sendReminder, reminder())).toEqual({ outcome: 'delivered' });
  });

  it('sendReminder ends as outdated when the reminder hours begin too late, and the ledger says so', async () => {
    nowMs = Date.UTC(2026, 1, 17, 4, 30);

    const result = await run(activities.sendReminder, reminder({ untilMs: nowMs + 9 * HOUR_MS }));

    expect(result).toEqual({ outcome: 'outdated' });
    expect([...fakes.ledger.values()]).toMatchObject([{ outcome: 'outdated' }]);
    expect(fakes.sent).toHaveLength(0);
  });

  it.each([
    ['a moment before its end', -1, 'delivered'],
    ['at its end', 0, 'outdated'],
  ])('sendReminder checks the end of the reminder’s time: %s', async (_when, offsetMs, outcome) => {
    const untilMs = NOW + 5 * DAY_MS;
    nowMs = untilMs + offsetMs;

    expect(await run(activities.sendReminder, reminder({ untilMs }))).toEqual({ outcome });
  });

  it('sendReminder is retried when the mail server is unavailable, and ends when it refuses for good', async () => {
    fakes.mailServer = () => new Error('away');
    await expect(run(activities.sendReminder, reminder())).rejects.toMatchObject({ type: 'MailUnavailable' });

    fakes.mailServer = () => ({ kind: 'refused', smtpCode: 550 });
    expect(await run(activities.sendReminder, reminder())).toEqual({ outcome: 'refused' });
    expect(fakes.reminded).toHaveLength(0);
  });

  it('sendReminder reports account-closed when there is no recipient', async () => {
    fakes.recipient = null;

    expect(await run(activities.sendReminder, reminder())).toEqual({ outcome: 'account-closed' });
  });
});

describe('Notice of a changed password', () => {
  it('A password change is reported to its rotation run even if the email fails', async () => {
    fakes.credentialDates.set('new', NOW);
    fakes.endsRotationOf.set('new', CREDENTIAL);
    fakes.mailServer = () => new Error('away');
    const notice = passwordChangedNotice(MARIA.accountId, 'new', NOW);

    await expect(run(activities.sendNotice, notice)).rejects.toMatchObject({ type: 'MailUnavailable' });

    expect(fakes.changed).toEqual([CREDENTIAL]);
  });

  it('A password change without a rotation run is reported only to the owner', async () => {
    fakes.credentialDates.set('new', NOW);

    await run(activities.sendNotice, passwordChangedNotice(MARIA.accountId, 'new', NOW));

    expect(fakes.changed).toEqual([]);
    expect(fakes.sent).toHaveLength(1);
  });
});

describe('startDueRotations', () => {
  const due = (howMany: number) =>
    Array.from({ length: howMany }, (_, index) => ({
      credentialId: `c${index}`,
      accountId: `a${index}`,
      setAtMs: NOW - 80 * DAY_MS - index,
    }));

  it('startDueRotations starts a run for each due password, with its calendar, and records it', async () => {
    fakes.due.set('broker', due(1));

    const counts = await run(activities.startDueRotations, { limit: 1000 });

    expect(counts).toEqual({ started: 1, alreadyThere: 0, more: false });
    expect(fakes.rotations).toEqual([
      {
        portal: 'broker',
        accountId: 'a0',
        credentialId: 'c0',
        expiresAtMs: NOW + 10 * DAY_MS,
        reminders: [
          expect.objectContaining({ daysBefore: 14, atMs: NOW - 4 * DAY_MS }),
          expect.objectContaining({ daysBefore: 7, atMs: NOW + 3 * DAY_MS }),
          expect.objectContaining({ daysBefore: 1, untilMs: NOW + 10 * DAY_MS }),
        ],
        terms: { timeZone: 'America/New_York', fromHour: 9, toHour: 18, lifetimeDays: 90 },
        revision: RUN_REVISION,
      },
    ]);
    expect(fakes.due.get('broker')).toEqual([]);
  });

  it('startDueRotations run again after a crash before recording starts no run twice', async () => {
    fakes.due.set('broker', due(3));
    const crashing = createActivities({
      ...fakes.deps,
      rotations: { ...fakes.deps.rotations, markStarted: () => Promise.reject(new Error('crashed')) },
    });
    await expect(run(crashing.startDueRotations, { limit: 1000 })).rejects.toThrow('crashed');

    const counts = await run(activities.startDueRotations, { limit: 1000 });

    expect(counts).toEqual({ started: 0, alreadyThere: 3, more: false });
    expect(fakes.rotations).toHaveLength(3);
  });

  it('startDueRotations starts at most the given number of runs and says whether there may be more', async () => {
    fakes.due.set('broker', due(250));

    const first = await run(activities.startDueRotations, { limit: 120 });
    const second = await run(activities.startDueRotations, { limit: 130 });
    const third = await run(activities.startDueRotations, { limit: 130 });

    expect(first).toEqual({ started: 120, alreadyThere: 0, more: true });
    expect(second).toMatchObject({ started: 130 });
    expect(third).toEqual({ started: 0, alreadyThere: 0, more: false });
  });

  it('startDueRotations records each hundred while it starts the next ones', async () => {
    fakes.due.set('broker', due(150));
    let record = (): void => {};
    const recorded = new Promise<void>((resolve) => (record = resolve));
    const sweeping = createActivities({
      ...fakes.deps,
      rotationRuns: {
        ...fakes.deps.rotationRuns,
        async start(rotation) {
          if (rotation.credentialId === 'c149') await recorded;
          return fakes.deps.rotationRuns.start(rotation);
        },
      },
      rotations: {
        ...fakes.deps.rotations,
        async markStarted(ids, atMs) {
          const changed = await fakes.deps.rotations.markStarted(ids, atMs);
          record();
          return changed;
        },
      },
    });

    expect(await run(sweeping.startDueRotations, { limit: 150 })).toMatchObject({ started: 150 });
    expect(fakes.due.get('broker')).toEqual([]);
  });

  it('startDueRotations looks for the next page where the last one ended', async () => {
    const all = due(700);
    fakes.due.set('broker', all);
    const from: number[] = [];
    const watched = createActivities({
      ...fakes.deps,
      rotations: {
        ...fakes.deps.rotations,
        findDue(query) {
          if (query.portal === 'broker') from.push(query.setAfterMs);
          return fakes.deps.rotations.findDue(query);
        },
      },
    });

    await run(watched.startDueRotations, { limit: 1000 });

    expect(from).toEqual([NOW - 90 * DAY_MS, all[499]!.setAtMs - 1, all[699]!.setAtMs - 1]);
  });

  it('startDueRotations notifies a run whose password changed while it was being started', async () => {
    fakes.due.set('broker', due(2));
    fakes.changedMeanwhile.add('c1');

    await run(activities.startDueRotations, { limit: 1000 });

    expect(fakes.changed).toEqual(['c1']);
  });

  it('startDueRotations includes members only if their passwords expire', async () => {
    fakes.due.set('member', due(1));
    const switchedOn = createActivities({ ...fakes.deps, policies: withMemberPasswordDays(90) });

    const off = await run(activities.startDueRotations, { limit: 1000 });
    const on = await run(switchedOn.startDueRotations, { limit: 1000 });

    expect([off.started, on.started]).toEqual([0, 1]);
    expect(fakes.rotations).toMatchObject([{ portal: 'member' }]);
  });
});
