import { randomUUID } from 'node:crypto';
import { createActivities } from '../../src/activities';
import { createRotationRuns } from '../../src/adapters/temporal/rotation-runs';
import {
  PASSWORD_ROTATION_WORKFLOW,
  passwordChangedSignal,
  type PasswordRotationInput,
} from '../../src/contracts/password-rotation';
import { passwordRotationId } from '../../src/contracts/workflow-ids';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../src/domain/time';
import { rotationCalendar } from '../../src/domain/password-rotation/rotation-calendar';
import { createActivityFakes, type ActivityFakes } from '../support/activity-fakes';
import { createTestTemporal, type TestTemporal } from '../support/temporal';
import { until } from '../support/until';
import { portalPolicies } from '../support/brand';

let temporal: TestTemporal;
let stopWorker: () => Promise<void>;
let fakes: ActivityFakes;
/** How far the clocks of the runs and of their activities are ahead of real time. */
let aheadMs: number;

beforeAll(async () => {
  temporal = await createTestTemporal();
});
afterAll(() => temporal.close());

beforeEach(async () => {
  temporal.newTaskQueue();
  aheadMs = 0;
  fakes = createActivityFakes();
  fakes.clock = () => Date.now() + aheadMs;
  await startWorker();
});
afterEach(() => stopWorker());

async function startWorker(): Promise<void> {
  ({ stop: stopWorker } = await temporal.startWorker(createActivities(fakes.deps)));
}

/** A broker's password that was set at noon in New York, this many whole days before today. */
async function start(daysAgo: number): Promise<PasswordRotationInput> {
  const noon = new Date();
  noon.setUTCHours(17, 0, 0, 0);
  const calendar = rotationCalendar(portalPolicies.broker, noon.getTime() - daysAgo * DAY_MS)!;
  const input = {
    portal: 'broker',
    accountId: randomUUID(),
    credentialId: randomUUID(),
    ...calendar,
  } as const;
  await createRotationRuns(temporal.client, temporal.taskQueue).start(input);
  return input;
}

const idOf = ({ accountId, credentialId }: PasswordRotationInput): string =>
  passwordRotationId(accountId, credentialId);
const runOf = (input: PasswordRotationInput) => temporal.client.workflow.getHandle(idOf(input));

/** Moves the run's time to `atMs`. Returns whether it is still open. */
async function forwardTo(input: PasswordRotationInput, atMs: number): Promise<boolean> {
  const seconds = Math.ceil((atMs - Date.now() - aheadMs) / 1000);
  aheadMs += seconds * 1000;
  return temporal.forward(idOf(input), seconds);
}

const messagesOf = ({ credentialId }: PasswordRotationInput): string[] =>
  fakes.sent
    .map(({ messageId }) => messageId)
    .filter((id) => id.startsWith(`password-reminder.${credentialId}.`))
    .map((id) => id.split('.')[2]!);

const resultOf = (input: PasswordRotationInput): Promise<unknown> => runOf(input).result();

async function searchAttributesOf(input: PasswordRotationInput): Promise<Record<string, unknown>> {
  return { ...(await runOf(input).describe()).searchAttributes };
}

describe('passwordRotation', () => {
  it('A password brings exactly three reminders on time, and its run ends as expired', async () => {
    const input = await start(75);
    const seen: string[][] = [];
    for (const { atMs } of input.reminders) {
      await forwardTo(input, atMs - MINUTE_MS);
      seen.push(messagesOf(input));
      await forwardTo(input, atMs + MINUTE_MS);
      await until(() => messagesOf(input).length === seen.length);
    }
    const openBefore = await forwardTo(input, input.expiresAtMs - MINUTE_MS);
    const openAfter = await forwardTo(input, input.expiresAtMs + MINUTE_MS);

    expect(seen).toEqual([[], ['14'], ['14', '7']]);
    expect(messagesOf(input)).toEqual(['14', '7', '1']);
    expect([openBefore, openAfter]).toEqual([true, false]);
    expect(await resultOf(input)).toEqual({ ending: 'expired', reminders: 3 });
    expect(await searchAttributesOf(input)).toMatchObject({
      TenureStage: ['ended'],
      TenureOutcome: ['expired'],
      TenurePortal: ['broker'],
      TenureAccount: [input.accountId],
    });
  });

  it('A rotation run ends as rotated as soon as another password is chosen, without further reminders', async () => {
    const input = await start(75);
    await forwardTo(input, input.reminders[0]!.atMs + MINUTE_MS);
    await until(() => messagesOf(input).length === 1);
    expect(await searchAttributesOf(input)).toMatchObject({ TenureStage: ['reminded'] });

    await createRotationRuns(temporal.client, temporal.taskQueue).passwordChanged(input);

    expect(await resultOf(input)).toEqual({ ending: 'rotated', reminders: 1 });
    expect(messagesOf(input)).toEqual(['14']);
  });

  it('A rotation run ends as rotated when the signal comes before its first step', async () => {
    const input = {
      portal: 'broker',
      accountId: randomUUID(),
      credentialId: randomUUID(),
      ...rotationCalendar(portalPolicies.broker, Date.now() - 80 * DAY_MS)!,
    } as const;
    await stopWorker();
    const handle = await temporal.client.workflow.signalWithStart(PASSWORD_ROTATION_WORKFLOW, {
      workflowId: idOf(input),
      taskQueue: temporal.taskQueue,
      args: [input],
      signal: passwordChangedSignal,
    });

    await startWorker();

    expect(await handle.result()).toEqual({ ending: 'rotated', reminders: 0 });
    expect(messagesOf(input)).toEqual([]);
  });

  it('A reminder is not sent when the password is changed in the second it is due', async () => {
    const input = await start(75);
    const { atMs } = input.reminders[0]!;
    await forwardTo(input, atMs - 3000);
    await stopWorker();
    // Both wait for the worker: the expired timer, and the change.
    const forwarding = forwardTo(input, atMs + 1000);
    await runOf(input).signal(passwordChangedSignal);
    fakes.credentialStatus = () => 'rotated';

    await startWorker();
    await forwarding;

    expect(await resultOf(input)).toEqual({ ending: 'rotated', reminders: 0 });
    expect(messagesOf(input)).toEqual([]);
  });

  it.each(['rotated', 'account-closed'] as const)(
    'A rotation run ends as %s at its next step when it was not notified',
    async (standing) => {
      const input = await start(75);
      fakes.credentialStatus = () => standing;

      await forwardTo(input, input.reminders[0]!.atMs + MINUTE_MS);

      expect(await resultOf(input)).toEqual({ ending: standing, reminders: 0 });
      expect(messagesOf(input)).toEqual([]);
    },
  );

  it.each(['rotated', 'account-closed'] as const)(
    'A rotation run ends as %s and not as expired when that is so at the password’s end',
    async (standing) => {
      const input = await start(75);
      for (const { atMs } of input.reminders) await forwardTo(input, atMs + MINUTE_MS);
      await until(() => messagesOf(input).length === 3);
      fakes.credentialStatus = () => standing;

      await forwardTo(input, input.expiresAtMs + MINUTE_MS);

      expect(await resultOf(input)).toEqual({ ending: standing, reminders: 3 });
    },
  );

  it('A rotation run that starts late sends the reminder still due at once, and then only what follows', async () => {
    const morning = Date.now();
    const input = {
      portal: 'broker',
      accountId: randomUUID(),
      credentialId: randomUUID(),
      ...rotationCalendar(portalPolicies.broker, morning - 86 * DAY_MS)!,
    } as const;
    // At whatever hour the tests run, it is daytime for the activity.
    const [seven, one] = [input.reminders[1]!, input.reminders[2]!];
    fakes.clock = () => Math.min(seven.untilMs - 8 * HOUR_MS, one.atMs - 1);
    await createRotationRuns(temporal.client, temporal.taskQueue).start(input);
    await until(() => messagesOf(input).length === 1);
    expect(messagesOf(input)).toEqual(['7']);

    fakes.clock = () => one.atMs;
    await forwardTo(input, one.atMs + MINUTE_MS);
    await until(() => messagesOf(input).length === 2);

    expect(messagesOf(input)).toEqual(['7', '1']);
  });

  it('A rotation run that starts after the password’s end sends nothing and ends as expired', async () => {
    const input = await start(91);

    expect(await resultOf(input)).toEqual({ ending: 'expired', reminders: 0 });
    expect(messagesOf(input)).toEqual([]);
  });

  it('At most one reminder is sent after the mail server was away for days', async () => {
    const input = await start(75);
    const [fourteen, seven] = [input.reminders[0]!, input.reminders[1]!];
    fakes.mailServer = () => new Error('away');
    await forwardTo(input, fourteen.atMs + MINUTE_MS);
    await until(() => [...fakes.ledger.keys()].some((id) => id.endsWith('.14')));
    // The outage continues beyond the second reminder's time; the first one's period ends.
    await forwardTo(input, seven.atMs + MINUTE_MS);
    await until(() => [...fakes.ledger.keys()].some((id) => id.endsWith('.7')));

    fakes.mailServer = () => ({ kind: 'accepted' });
    await until(() => messagesOf(input).length > 0);

    expect(messagesOf(input)).toEqual(['7']);
    expect([...fakes.ledger.values()].map(({ outcome }) => outcome)).toEqual(['outdated', 'delivered']);
  });

  it('At most one reminder is sent after the worker was away for days', async () => {
    const input = await start(75);
    await forwardTo(input, input.reminders[0]!.atMs - MINUTE_MS);
    await stopWorker();
    const forwarding = forwardTo(input, input.reminders[1]!.atMs + HOUR_MS);

    await startWorker();
    await forwarding;
    await until(() => messagesOf(input).length > 0);

    expect(messagesOf(input)).toEqual(['7']);
  });

  it('A rotation run that an operator cancels ends as cancelled', async () => {
    const input = await start(75);
    await runOf(input).cancel();

    await expect(resultOf(input)).rejects.toThrow(/cancelled/i);
    expect(await searchAttributesOf(input)).toMatchObject({ TenureOutcome: ['cancelled'] });
  });

  it('Operators see what a rotation run waits for, until when, and how many reminders it sent', async () => {
    const input = await start(75);
    const before = await detailsOf(input);
    await forwardTo(input, input.reminders[0]!.atMs + MINUTE_MS);
    await until(() => messagesOf(input).length === 1);

    expect(before).toContain('- Stage: **due**');
    expect(before).toContain('- Waits for: **the reminder 14 days before the end**');
    expect(before).toMatch(/- Until: \*\*\d{4}-\d\d-\d\d \d\d:\d\d UTC\*\*/);
    expect(before).toContain('- Reminders sent: **0**');
    await until(async () => (await detailsOf(input)).includes('the reminder 7 days before the end'));
    expect(await detailsOf(input)).toContain('- Stage: **reminded**');
  });
});

async function detailsOf(input: PasswordRotationInput): Promise<string> {
  const { currentDetails } = await runOf(input).query<{ currentDetails: string }>(
    '__temporal_workflow_metadata',
  );
  return currentDetails;
}
