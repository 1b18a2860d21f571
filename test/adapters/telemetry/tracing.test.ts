import { setTimeout as sleep } from 'node:timers/promises';
import { startTracing } from '../../../src/adapters/telemetry/tracing';
import { startOtlpReceiver } from '../../support/otlp-receiver';

it('A span contains nothing that people typed: neither why a run was terminated nor an error’s message', async () => {
  const receiver = await startOtlpReceiver();
  const tracing = startTracing({ endpoint: `${receiver.url}/`, service: 'tenure-test', version: '1.2.3' });
  const refused = Object.assign(new TypeError('no such maria@example.com'), { code: 5 });
  const { terminate } = tracing.clientInterceptor;
  const input = { workflowExecution: { workflowId: 'password-reset/1' }, reason: 'maria@example.com asked' };

  const ended = terminate?.call(tracing.clientInterceptor, input, () => Promise.reject(refused));
  await expect(ended).rejects.toBe(refused);
  await tracing.stop();
  await receiver.stop();

  const [span] = receiver.spans();
  expect(receiver.bodies.join('')).toContain('tenure-test');
  expect(span?.attributes).toEqual([
    { key: 'temporalWorkflowId', value: { stringValue: 'password-reset/1' } },
  ]);
  expect(span?.events).toEqual([
    expect.objectContaining({ attributes: [{ key: 'exception.type', value: expect.anything() }] }),
  ]);
  expect(receiver.bodies.join('')).not.toContain('maria');
});

it('A collector that does not answer delays a stopping process by three seconds at most', async () => {
  const tracing = startTracing({ endpoint: 'http://127.0.0.1:9', service: 'tenure-test', version: '1.2.3' });
  const end = tracing.observer.observe('request-1', () => {});
  end({ method: 'GET', route: '/v1/portals/:portal', status: 200, ms: 1 });

  const stopping = tracing.stop().then(() => 'stopped');
  // Both clocks are this process's: a busy machine holds them up alike.
  const fourSeconds = new AbortController();
  const waited = sleep(4_000, 'waited', { signal: fourSeconds.signal });

  expect(await Promise.race([stopping, waited])).toBe('stopped');
  fourSeconds.abort();
  await expect(waited).rejects.toThrow('aborted');
});
