import { execFileSync } from 'node:child_process';
import { startOtlpReceiver, type OtlpReceiver, type ReceivedSpan } from '../support/otlp-receiver';
import { expectNoSecrets, readableText } from '../../lab/system/secrets';
import { until } from '../support/until';
import { newPassword } from '../../lab/system/members';
import type { Stack } from '../../lab/system/stack';
import { withStack } from './support/with-stack';
import { projectRoot } from '../../lab/stack/project-root';

let receiver: OtlpReceiver;
let stack: Stack;

withStack(
  (started) => {
    stack = started;
  },
  async () => {
    receiver = await startOtlpReceiver();
    return { env: { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' } };
  },
);

afterAll(() => receiver.stop());

const attribute = (span: ReceivedSpan | undefined, name: string): unknown =>
  Object.values(span?.attributes.find(({ key }) => key === name)?.value ?? {})[0];

const spansNamed = (name: string): ReceivedSpan[] => receiver.spans().filter((span) => span.name === name);

/** The first span with this name, once it was sent. */
async function spanNamed(name: string): Promise<ReceivedSpan> {
  await until(() => spansNamed(name).length > 0);
  return spansNamed(name)[0]!;
}

/** Names of the spans from this one up to its trace's root. */
function lineOf(span: ReceivedSpan): string[] {
  const parent = receiver.spans().find(({ spanId }) => spanId === span.parentSpanId);
  return [span.name, ...(parent ? lineOf(parent) : [])];
}

/** The log lines of the API about a request. */
const linesAbout = (requestId: string): Record<string, unknown>[] =>
  stack.api.output
    .split('\n')
    .filter((line) => line.includes(`"${requestId}"`))
    .map((line) => JSON.parse(line) as Record<string, unknown>);

describe('with OTEL_EXPORTER_OTLP_ENDPOINT', () => {
  it('One trace holds the request that opens a reset, the start of its run and the email', async () => {
    const { email } = await stack.addPerson('tracyopens');

    const opening = await stack.tryToOpenReset(email, { 'x-request-id': 'tracy-opens' });
    await stack.mailbox.mailTo(email);

    const request = await spanNamed('POST /v1/portals/member/password-resets');
    const start = await spanNamed('StartWorkflow:passwordReset');
    const activity = await spanNamed('RunActivity:sendPin');
    expect(opening.status).toBe(202);
    expect(lineOf(activity)).toEqual([
      'RunActivity:sendPin',
      'StartWorkflow:passwordReset',
      'POST /v1/portals/member/password-resets',
    ]);
    expect(new Set([request, start, activity].map(({ traceId }) => traceId)).size).toBe(1);
    expect(attribute(request, 'tenure.request_id')).toBe('tracy-opens');
    expect(attribute(request, 'http.response.status_code')).toBe(202);
    expect(attribute(activity, 'temporalWorkflowId')).toBe(stack.resetRunId(email));
  });

  it('An update’s work, including the notice, is in the trace of the request that sent it', async () => {
    const { email } = await stack.addPerson('tracycommits');
    const page = await stack.openReset(email);
    await page.submitPin(await stack.mailbox.pinTo(email));

    await page.choose(newPassword());
    await stack.mailbox.mailTo(email, 2);

    const notice = await spanNamed('RunActivity:sendNotice');
    await spanNamed('POST /v1/password-resets/:id/password');
    expect(lineOf(notice)).toEqual([
      'RunActivity:sendNotice',
      'StartWorkflowUpdate:commitPassword',
      'POST /v1/password-resets/:id/password',
    ]);
  });

  it('A failed attempt is traced by its error type alone', async () => {
    const { email } = await stack.addPerson('tracyfails');
    await stack.mailbox.goDown();
    await stack.openReset(email);
    await stack.untilMailWaits(stack.resetRunId(email));
    await stack.mailbox.comeUp();
    await stack.mailbox.mailTo(email);

    const failed = (): ReceivedSpan[] =>
      receiver.spans().filter(({ name, events }) => name === 'RunActivity:sendPin' && events.length > 0);
    await until(() => failed().length > 0);

    expect(failed()[0]?.events).toEqual([
      expect.objectContaining({
        name: 'exception',
        attributes: [{ key: 'exception.type', value: { stringValue: 'ApplicationFailure' } }],
      }),
    ]);
    expect(failed()[0]?.status).toEqual({ code: 2 });
  });

  it('No span holds personal data, a PIN, a password or a token, and probes have no spans', async () => {
    const { email } = await stack.addPerson('tracysecrets');
    await stack.call('GET', `/v1/nothing/${email}?q=${email}`);
    await stack.call('GET', '/healthz');
    await spanNamed('GET unknown');

    const text = receiver.bodies.map((body) => readableText(JSON.parse(body))).join('\n');

    expectNoSecrets('the spans', text);
    expect(text).not.toContain('healthz');
  });
});

describe('log', () => {
  it('The log names the runs that a request started or used, beside its request id', async () => {
    const { email, username } = await stack.addPerson('loggedlupe');
    const opened = await stack.tryToOpenReset(email, { 'x-request-id': 'lupe-opens' });

    await stack.call('GET', `/v1/password-resets/${opened.body.id}`, {
      token: opened.body.token,
      headers: { 'x-request-id': 'lupe-looks' },
    });
    await stack.call('POST', '/v1/portals/member/sessions', {
      body: { username, password: 'Wrong1234' },
      headers: { 'x-request-id': 'lupe-signs-in' },
    });
    await until(() => linesAbout('lupe-signs-in').length > 0);

    const runs = [stack.resetRunId(email)];
    expect(linesAbout('lupe-opens')).toMatchObject([{ msg: 'request', workflowIds: runs }]);
    expect(linesAbout('lupe-looks')).toMatchObject([{ msg: 'request', workflowIds: runs }]);
    expect(linesAbout('lupe-signs-in')[0]).not.toHaveProperty('workflowIds');
  });
});

describe('without an OTLP endpoint', () => {
  it('OpenTelemetry is not loaded when no setting asks for traces', () => {
    const script = `
      const { traceWhereSet } = require('./dist/compose/tracing.js');
      require('./dist/compose/api.js');
      require('./dist/compose/activities.js');
      require('@temporalio/worker');
      traceWhereSet({}, 'tenure-api').then((tracing) => {
        const loaded = Object.keys(require.cache).filter((path) => /opentelemetry|dist.adapters.tracing/.test(path));
        console.log(JSON.stringify({ tracing: tracing ?? null, loaded }));
      });`;

    const said = execFileSync(process.execPath, ['-e', script], { cwd: projectRoot, encoding: 'utf8' });

    expect(JSON.parse(said)).toEqual({ tracing: null, loaded: [] });
  });
});
