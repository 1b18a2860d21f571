import { request } from 'node:http';
import { Registry } from 'prom-client';
import { createDatabase } from '../../../src/adapters/postgres/database';
import { createApiMetrics } from '../../../src/adapters/telemetry/metrics/api-metrics';
import { addDatabaseGauges } from '../../../src/adapters/telemetry/metrics/database-gauges';
import { serveMetrics } from '../../../src/adapters/telemetry/metrics/metrics-server';
import { createReading } from '../../../src/adapters/telemetry/metrics/reading';
import { freePort } from '../../../lab/stack/ports';
import { startApi } from '../../api/api';
import { samplesIn, scrape, valuesOf } from '../../support/exposition';
import { brand } from '../../support/brand';

describe('Scrape during a database outage', () => {
  it('A scrape while the database is down succeeds, without the values that only the database knows', async () => {
    const away = createDatabase({
      databaseUrl: `postgresql://nobody:nothing@127.0.0.1:${await freePort()}/none`,
      databasePoolSize: 2,
    });
    const { registry } = createApiMetrics();
    addDatabaseGauges(registry, { database: away, brand, clock: Date.now });
    const address = `127.0.0.1:${await freePort()}`;
    const server = await serveMetrics(registry, address);

    const told = await scrape(address);
    await server.stop();
    await away.$disconnect();

    expect(valuesOf(told, 'process_resident_memory_bytes')).toHaveLength(1);
    expect(told.filter(({ name }) => /^tenure_(plan_changes|passwords|emails)/.test(name))).toEqual([]);
  });
});

describe('Readings', () => {
  it('A reading is shared by simultaneous callers, and used again for a while', async () => {
    let readings = 0;
    const reading = createReading(async () => ++readings, { keepMs: 60_000, withinMs: 1_000 });

    expect(await Promise.all([reading(), reading()])).toEqual([1, 1]);
    expect(await reading()).toBe(1);
  });

  it('A reading that takes too long keeps nobody waiting, and is not begun a second time', async () => {
    let begun = 0;
    let end: (value: string) => void = () => {};
    const read = (): Promise<string> => {
      begun += 1;
      return new Promise((resolve) => (end = resolve));
    };
    const reading = createReading(read, { keepMs: 60_000, withinMs: 20 });

    const early = [await reading(), await reading()];
    end('there');
    const late = await reading();

    expect(early).toEqual([undefined, undefined]);
    expect(late).toBe('there');
    expect(begun).toBe(1);
  });
});

describe('Requests', () => {
  it('Requests are measured by the pattern of their route, and no path, address or input becomes a label', async () => {
    const metrics = createApiMetrics();
    const api = await startApi({ observers: [metrics.observer] });
    const { path, token } = await api.open();
    await api.call('GET', path, { token });
    await api.call('POST', `${path}/pin`, { token, body: { pin: '0000' } });
    await api.call('GET', '/v1/nowhere/maria@example.com?email=maria@example.com');
    await new Promise((resolve) => request(`${api.url}/healthz`, { method: 'PROPFIND' }, resolve).end());
    await api.close();

    const told = samplesIn(await metrics.registry.metrics());
    const counted = told
      .filter(({ name }) => name === 'tenure_http_request_duration_seconds_count')
      .map(({ labels: { method, route, status } }) => `${method} ${route} ${status}`);

    expect(counted.toSorted()).toEqual([
      'GET /openapi.json 200',
      'GET /v1/password-resets/:id 200',
      'GET unknown 404',
      'POST /v1/password-resets/:id/pin 422',
      'POST /v1/portals/member/password-resets 202',
      'other /healthz 405',
    ]);
    expect(told.filter(({ name }) => name === 'tenure_problems_total').map(({ labels }) => labels)).toEqual([
      { code: 'pin_wrong' },
      { code: 'not_found' },
      { code: 'method_not_allowed' },
    ]);
    expect(JSON.stringify(told)).not.toMatch(/maria|nowhere/);
  });

  it('Requests that repeat an idempotency key are counted with the problem they had', async () => {
    const metrics = createApiMetrics();
    const api = await startApi({ observers: [metrics.observer] });
    const { path, token } = await api.open();
    const guess = { token, body: { pin: '0000' }, headers: { 'idempotency-key': 'same' } };
    await api.call('POST', `${path}/pin`, guess);
    await api.call('POST', `${path}/pin`, guess);
    await api.close();

    const told = samplesIn(await metrics.registry.metrics());

    expect(valuesOf(told, 'tenure_problems_total', { code: 'pin_wrong' })).toEqual([2]);
  });
});

describe('Password hashes', () => {
  it('Password hashes are timed by operation, including failed ones', async () => {
    const metrics = createApiMetrics();
    const timed = metrics.timed({
      hash: async () => 'hash',
      verify: () => Promise.reject(new Error('no argon2 hash')),
      verifyNobody: async () => false,
    });

    await timed.hash('Secret123');
    await timed.verifyNobody('Secret123');
    await expect(timed.verify('hash', 'Secret123')).rejects.toThrow('no argon2 hash');

    const told = samplesIn(await metrics.registry.metrics());
    const counts = (operation: string): number[] =>
      valuesOf(told, 'tenure_password_hash_duration_seconds_count', { operation });
    expect([counts('hash'), counts('verify')]).toEqual([[1], [2]]);
  });
});

describe('Refused tries', () => {
  it('Refused tries are counted by budget, and each global budget of guesses has a value before its first refusal', async () => {
    const metrics = createApiMetrics();
    const limiter = metrics.counted({
      take: async (_budget, key) => (key === 'used up' ? 1000 : null),
      giveBack: async () => {},
    });

    await limiter.take('wrong-access-codes-site', 'used up');
    await limiter.take('wrong-access-codes-site', 'used up');
    await limiter.take('wrong-access-codes-site', 'left');

    const told = samplesIn(await metrics.registry.metrics());
    const refusals = (budget: string): number[] => valuesOf(told, 'tenure_limit_refusals_total', { budget });
    expect(refusals('wrong-access-codes-site')).toEqual([2]);
    for (const kind of ['passwords', 'proofs', 'access-codes', 'usernames'])
      expect(refusals(`wrong-${kind}-global`)).toEqual([0]);
  });
});

describe('Metrics server', () => {
  it('The metrics server serves metrics and nothing else, and frees its port when it stops', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const server = await serveMetrics(createApiMetrics().registry, address);

    const answers = await Promise.all([
      fetch(`http://${address}/metrics`),
      fetch(`http://${address}/metrics`, { method: 'POST' }),
      fetch(`http://${address}/v1/portals/member`),
    ]);
    await server.stop();

    expect(answers.map(({ status }) => status)).toEqual([200, 404, 404]);
    expect(answers[0].headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    await expect(fetch(`http://${address}/metrics`)).rejects.toThrow('fetch failed');
  });

  it('The metrics server does not start if its port is taken', async () => {
    const address = `127.0.0.1:${await freePort()}`;
    const server = await serveMetrics(new Registry(), address);

    await expect(serveMetrics(new Registry(), address)).rejects.toThrow('EADDRINUSE');
    await server.stop();
  });
});
