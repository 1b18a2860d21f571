import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import { Connection } from '@temporalio/client';
import { temporal } from '@temporalio/proto';
import { ROTATION_SCHEDULE_ID, ROTATION_SWEEP_WORKFLOW } from '../../src/contracts/rotation-sweep';
import { PACKAGE_VERSION } from '../../src/contracts/version';
import { passwordRotationId } from '../../src/contracts/workflow-ids';
import { ensureSearchAttributes } from '../../src/adapters/temporal/connection';
import type { WorkerVersion } from '../../src/config';
import { DAY_MS } from '../../src/domain/time';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { startTemporal, type RunningTemporal } from '../../lab/stack/embedded';
import { readableText, secret } from '../../lab/system/secrets';
import { until } from '../support/until';
import type { Answer } from '../../lab/system/json-client';
import { newPassword, type Person } from '../../lab/system/members';
import { apiProcess, createStack, workerProcess, type Stack } from '../../lab/system/stack';
import { closeStack } from './support/close-stack';
import { brandFolder } from '../support/brand';

let testDatabase: TestDatabase;
let stack: Stack | undefined;
let ownTemporal: RunningTemporal | undefined;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});

afterEach(async () => {
  if (stack) await closeStack(stack);
  await ownTemporal?.stop();
  stack = ownTemporal = undefined;
});

afterAll(async () => {
  await testDatabase.drop();
});

async function stackWith(
  env: Readonly<Record<string, string>>,
  temporalAddress = process.env['TENURE_TEST_TEMPORAL']!,
): Promise<Stack> {
  stack = await createStack({ databaseUrl: testDatabase.url, temporalAddress, env });
  return stack;
}

/** A server on which nobody else's worker changes the Schedule: there is one in each namespace. */
async function startOwnTemporal(): Promise<string> {
  ownTemporal = await startTemporal({ cliPath: process.env['TENURE_TEST_TEMPORAL_CLI']! });
  const { address } = ownTemporal;
  const connection = await Connection.connect({ address });
  await ensureSearchAttributes(connection, 'default');
  await connection.close();
  return address;
}

/** A complete reset by a new person; returns the last answer. */
async function reset(
  { addPerson, openReset, mailbox }: Stack,
  name: string,
): Promise<{ email: string; completed: Answer }> {
  const { email } = await addPerson(name);
  const page = await openReset(email);
  await page.submitPin(await mailbox.pinTo(email));
  const completed = await page.choose(newPassword());
  await mailbox.mailTo(email, 2);
  return { email, completed };
}

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

/** The event without what the server has to read, and without the SDK's own marker (name and times) of a local activity. */
function withoutOpenFields(event: HistoryEvent): HistoryEvent {
  const started = event.workflowExecutionStartedEventAttributes;
  const marker = event.markerRecordedEventAttributes;
  return {
    ...event,
    upsertWorkflowSearchAttributesEventAttributes: null,
    workflowExecutionStartedEventAttributes: started ? { ...started, searchAttributes: null } : null,
    markerRecordedEventAttributes: marker ? { ...marker, details: { ...marker.details, data: {} } } : null,
  };
}

/** Every payload in a history, at any depth. */
function payloadsIn(value: unknown): { encoding: string; text: string }[] {
  if (Array.isArray(value)) return value.flatMap(payloadsIn);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { metadata, data } = value as { metadata?: { encoding?: Uint8Array }; data?: Uint8Array };
  if (metadata?.encoding && data)
    return [{ encoding: readableText(metadata.encoding), text: readableText(data) }];
  return Object.values(value).flatMap(payloadsIn);
}

describe('PORT', () => {
  it('An API whose PORT is taken ends with a message, and the stack leaves nothing running', async () => {
    const other = createServer().listen(0, '::');
    await once(other, 'listening');
    const { port } = other.address() as AddressInfo;
    const started = await stackWith({ PORT: String(port) });

    await expect(started.start()).rejects.toThrow(
      `tenure api: cannot listen on port ${port} of ::: another process does; stop it, or set another port`,
    );

    expect(started.api.output).not.toContain('    at ');
    expect(started.processes.map(({ isRunning }) => isRunning)).toEqual([false, false]);
    other.close();
  });
});

describe('TEMPORAL_CODEC_KEYS', () => {
  it('TEMPORAL_CODEC_KEYS makes every payload of a reset unreadable to the cluster except search attributes', async () => {
    const key = randomBytes(32).toString('base64');
    const sealed = await stackWith({ TEMPORAL_CODEC_KEYS: `c1:${key}` });
    await sealed.start();

    const { completed } = await reset(sealed, 'anacodecita');

    const runs = await sealed.runs();
    const histories = await Promise.all(
      runs.map(({ workflowId }) => sealed.client.workflow.getHandle(workflowId).fetchHistory()),
    );
    const found = histories.flatMap(({ events }) => payloadsIn((events ?? []).map(withoutOpenFields)));

    expect(completed).toMatchObject({ status: 200, body: { stage: 'completed' } });
    expect(found.length).toBeGreaterThan(10);
    expect(found.filter(({ encoding }) => encoding !== 'binary/encrypted')).toEqual([]);
    expect(found.filter(({ text }) => /completed|accepted|expectedDigests|member/.test(text))).toEqual([]);
  });
});

describe('key rotation', () => {
  it('Open resets keep their PIN, token and history when keys are rotated, and new resets work', async () => {
    const newKey = (id: string): string => `${id}:${secret(randomBytes(32).toString('base64'))}`;
    const [oldPepper, newPepper, oldCodec, newCodec] = ['p1', 'p2', 'old', 'new'].map(newKey);
    const rotated = await stackWith({
      TENURE_PEPPERS: `${newPepper},${oldPepper}`,
      TEMPORAL_CODEC_KEYS: `${newCodec},${oldCodec}`,
    });
    const before = { ...rotated.settings, TENURE_PEPPERS: oldPepper!, TEMPORAL_CODEC_KEYS: oldCodec! };
    const earlier = [apiProcess({ env: before }), workerProcess({ env: before })];
    await Promise.all(earlier.map((process) => process.start()));
    const [one, two] = [await rotated.addPerson('anarotated'), await rotated.addPerson('evarotated')];
    const [pageOfOne, pageOfTwo] = [await rotated.openReset(one.email), await rotated.openReset(two.email)];
    const [pinOfOne, pinOfTwo] = [
      await rotated.mailbox.pinTo(one.email),
      await rotated.mailbox.pinTo(two.email),
    ];
    const proved = await pageOfOne.submitPin(pinOfOne);
    await Promise.all(earlier.map((process) => process.stop()));
    await rotated.start();

    const chosen = newPassword();
    const completed = await pageOfOne.choose(chosen);
    const joined = await rotated.openReset(two.email);
    const provedElsewhere = await joined.submitPin(pinOfTwo);
    const later = await reset(rotated, 'noorrotated');

    expect([proved, completed, provedElsewhere, later.completed].map(({ body }) => body.stage)).toEqual([
      'password',
      'completed',
      'password',
      'completed',
    ]);
    expect(joined.id).toBe(pageOfTwo.id);
    expect((await rotated.signIn(one.username, chosen)).status).toBe(201);
  });
});

const { VERSIONING_BEHAVIOR_AUTO_UPGRADE } = temporal.api.enums.v1.VersioningBehavior;

const setPasswordAt = ({ database }: Stack, { accountId }: Person, setAtMs: number): Promise<unknown> =>
  database.credential.updateMany({
    where: { accountId, retiredAt: null },
    data: { setAt: new Date(setAtMs) },
  });

/** The run of a member's password that is backdated into its last days and found by a sweep. */
async function rotationOf(of: Stack, person: Person) {
  await setPasswordAt(of, person, Date.now() - 15.5 * DAY_MS);
  await of.client.workflow.execute(ROTATION_SWEEP_WORKFLOW, {
    workflowId: `rotation-sweep/test-${person.accountId}`,
    taskQueue: of.taskQueue,
    args: [{}],
  });
  const [credential] = await of.credentialsOf(person);
  return of.client.workflow.getHandle(passwordRotationId(person.accountId, credential!.id));
}

/** Members' passwords live 30 days. */
const expiringPasswords = () => ({
  TENURE_BRAND: brandFolder({
    'portal.yaml': { portals: { member: { password: { lifetimeDays: 30 } } } },
  }),
});

describe('WORKER_VERSIONING', () => {
  it('WORKER_VERSIONING lets resets run on the version that an operator made current', async () => {
    const versioned = await stackWith({ WORKER_VERSIONING: 'on', ...expiringPasswords() });
    await versioned.start();
    const version = { deploymentName: 'tenure', buildId: PACKAGE_VERSION };
    await until(() => isListed(versioned, version));
    await versioned.connection.workflowService.setWorkerDeploymentCurrentVersion({
      namespace: 'default',
      identity: 'an operator',
      ...version,
    });

    const { email, completed } = await reset(versioned, 'bertaversionita');
    const { raw } = await versioned.client.workflow.getHandle(versioned.resetRunId(email)).describe();

    expect(completed).toMatchObject({ status: 200, body: { stage: 'completed' } });
    expect(raw.workflowExecutionInfo?.versioningInfo).toMatchObject({ deploymentVersion: version });

    // A rotation is open for 15 days: it may move on to newer builds.
    const rotation = await rotationOf(versioned, await versioned.addPerson('bertarotationa'));
    await until(async () => {
      const { versioningInfo } = (await rotation.describe()).raw.workflowExecutionInfo ?? {};
      return versioningInfo?.behavior === VERSIONING_BEHAVIOR_AUTO_UPGRADE;
    });
  });
});

/** Whether Temporal lists the version among those of its deployment. */
async function isListed({ connection }: Stack, version: WorkerVersion): Promise<boolean> {
  const { workerDeploymentInfo } = await connection.workflowService
    .describeWorkerDeployment({ namespace: 'default', deploymentName: version.deploymentName })
    .catch(() => ({ workerDeploymentInfo: null }));
  return (workerDeploymentInfo?.versionSummaries ?? []).some(
    ({ deploymentVersion }) => deploymentVersion?.buildId === version.buildId,
  );
}

describe('TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID', () => {
  it('TEMPORAL_DEPLOYMENT_NAME and TEMPORAL_WORKER_BUILD_ID name the worker’s version', async () => {
    // Of a form that Temporal's Worker Controller gives.
    const version = { deploymentName: 'portals/tenure-worker', buildId: '0.1.0-5d8f' };
    const named = await stackWith({
      WORKER_VERSIONING: 'on',
      TEMPORAL_DEPLOYMENT_NAME: version.deploymentName,
      TEMPORAL_WORKER_BUILD_ID: version.buildId,
    });

    await named.start();

    await until(() => isListed(named, version));
    expect(named.worker.output).toContain(`"build":"${version.buildId}"`);
  });
});

describe('TENURE_BRAND', () => {
  it('TENURE_BRAND lets members’ passwords expire, in runs started by the worker’s own Schedule', async () => {
    const expiring = await stackWith(expiringPasswords(), await startOwnTemporal());
    await expiring.start();
    const [person, other] = [
      await expiring.addPerson('emiliareminda'),
      await expiring.addPerson('friedascheduleda'),
    ];
    const facts = await expiring.call('GET', '/v1/portals/member');
    const signedIn = await expiring.signIn(person.username, person.password);

    const rotation = await rotationOf(expiring, person);
    const { searchAttributes } = await rotation.describe();
    await setPasswordAt(expiring, person, Date.now() - 30 * DAY_MS);
    const expired = await expiring.signIn(person.username, person.password);
    await setPasswordAt(expiring, other, Date.now() - 15.5 * DAY_MS);
    const schedule = expiring.client.schedule.getHandle(ROTATION_SCHEDULE_ID);
    await schedule.trigger();

    expect(facts.body.password.lifetimeDays).toBe(30);
    expect(signedIn.status).toBe(201);
    expect(searchAttributes).toMatchObject({ TenurePortal: ['member'], TenureStage: ['due'] });
    expect(expired).toMatchObject({ status: 403, body: { code: 'password_expired' } });
    await until(async () => {
      const runs = await expiring.runs();
      return runs.filter(({ type }) => type === 'passwordRotation').length === 2;
    });
    expect((await schedule.describe()).info.nextActionTimes.length).toBeGreaterThan(1);
  });
});
