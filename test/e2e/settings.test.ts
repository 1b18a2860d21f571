import { randomBytes } from 'node:crypto';
import type { temporal } from '@temporalio/proto';
import { DEPLOYMENT_NAME } from '../../src/contracts/task-queue';
import { PACKAGE_VERSION } from '../../src/contracts/version';
import { freePort } from '../../src/dev/ports';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { readableText } from '../support/secrets';
import { until } from '../support/until';
import { runsOf } from './support/histories';
import { createPortal, newPassword, type Answer, type Portal } from './support/portal';

let testDatabase: TestDatabase;
let portal: Portal | undefined;

beforeAll(async () => {
  testDatabase = await createTestDatabase();
});

afterEach(async () => {
  await portal?.close();
  portal = undefined;
});

afterAll(async () => {
  await testDatabase.drop();
});

async function portalWith(env: Readonly<Record<string, string>>): Promise<Portal> {
  portal = await createPortal({
    databaseUrl: testDatabase.url,
    temporalAddress: process.env['TENURE_TEST_TEMPORAL']!,
    env,
  });
  return portal;
}

/** A whole reset of a new person; gives the last answer. */
async function reset(
  { addPerson, openReset, mailbox }: Portal,
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

/** The event without what the server has to read, and without the SDK's own note (name and times) of a local activity. */
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

/** Every payload in a history, wherever it is. */
function payloadsIn(value: unknown): { encoding: string; text: string }[] {
  if (Array.isArray(value)) return value.flatMap(payloadsIn);
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return [];
  const { metadata, data } = value as { metadata?: { encoding?: Uint8Array }; data?: Uint8Array };
  if (metadata?.encoding && data)
    return [{ encoding: readableText(metadata.encoding), text: readableText(data) }];
  return Object.values(value).flatMap(payloadsIn);
}

describe('TEMPORAL_CODEC_KEYS', () => {
  it('makes every payload of a reset unreadable to the cluster, search attributes aside', async () => {
    const key = randomBytes(32).toString('base64');
    const sealed = await portalWith({ TEMPORAL_CODEC_KEYS: `c1:${key}` });
    await sealed.start();

    const { completed } = await reset(sealed, 'anacodecita');

    const runs = await runsOf(sealed.client, sealed.taskQueue);
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

describe('WORKER_VERSIONING', () => {
  it('lets resets run on the version that an operator made the current one', async () => {
    const versioned = await portalWith({ WORKER_VERSIONING: 'on' });
    await versioned.start();
    const version = { deploymentName: DEPLOYMENT_NAME, buildId: PACKAGE_VERSION };
    const { workflowService } = versioned.connection;
    await until(async () => {
      const known = await workflowService
        .describeWorkerDeploymentVersion({ namespace: 'default', deploymentVersion: version })
        .catch(() => null);
      return Boolean(known?.workerDeploymentVersionInfo);
    });
    await workflowService.setWorkerDeploymentCurrentVersion({
      namespace: 'default',
      identity: 'an operator',
      ...version,
    });

    const { email, completed } = await reset(versioned, 'bertaversionita');
    const { raw } = await versioned.client.workflow.getHandle(versioned.resetRunId(email)).describe();

    expect(completed).toMatchObject({ status: 200, body: { stage: 'completed' } });
    expect(raw.workflowExecutionInfo?.versioningInfo).toMatchObject({ deploymentVersion: version });
  });
});

describe('METRICS_ADDRESS', () => {
  it('serves the worker’s metrics as Prometheus reads them', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const measured = await portalWith({ METRICS_ADDRESS: address });
    await measured.start();
    await reset(measured, 'claudiametrica');

    const response = await fetch(`http://${address}/metrics`);
    const text = await response.text();

    expect(response.status).toBe(200);
    expect(text).toMatch(/^# TYPE temporal_\w+ (counter|gauge|histogram)$/m);
    expect(text).toMatch(/^temporal_workflow_completed\{.*workflow_type="passwordReset".*\} [1-9]/m);
  });
});
