import { ConfigError, loadServerConfig, loadWorkerConfig } from '../src/config';
import { metricsAfter } from '../lab/stack/stack-ports';

const required = {
  DATABASE_URL: 'postgres://localhost/tenure',
  TEMPORAL_ADDRESS: 'localhost:7233',
  TENURE_PEPPERS: `p1:${Buffer.alloc(32, 7).toString('base64')}`,
  SMTP_URL: 'smtp://localhost:1025',
};

describe.each([
  ['the API', loadServerConfig],
  ['a worker', loadWorkerConfig],
])('%s', (_process, load) => {
  it('tells metrics and traces to nobody unless it is asked to', () => {
    const { metricsAddress, otlpEndpoint } = load(required);

    expect([metricsAddress, otlpEndpoint]).toEqual([undefined, undefined]);
  });

  it('is told where by METRICS_ADDRESS and OTEL_EXPORTER_OTLP_ENDPOINT', () => {
    const { metricsAddress, otlpEndpoint } = load({
      ...required,
      METRICS_ADDRESS: '0.0.0.0:9464',
      OTEL_EXPORTER_OTLP_ENDPOINT: 'http://collector:4318',
    });

    expect([metricsAddress, otlpEndpoint]).toEqual(['0.0.0.0:9464', 'http://collector:4318']);
  });

  it.each([
    ['METRICS_ADDRESS', '9464'],
    ['OTEL_EXPORTER_OTLP_ENDPOINT', 'collector:4317'],
  ])('refuses a %s that says %s', (name, value) => {
    expect(() => load({ ...required, [name]: value })).toThrow(ConfigError);
    expect(() => load({ ...required, [name]: value })).toThrow(name);
  });
});

describe('npm start', () => {
  it.each([
    [{ METRICS_ADDRESS: '127.0.0.1:9464' }, { METRICS_ADDRESS: '127.0.0.1:9465' }],
    [{ METRICS_ADDRESS: '' }, {}],
    [{}, {}],
  ])('with %j gives its worker %j', (env, beside) => {
    expect(metricsAfter(env, 1)).toEqual(beside);
  });
});
