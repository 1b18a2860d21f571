import { loadStackConfig } from '../lab/stack/config';
import { ConfigError, loadServerConfig } from '../src/config';
import { reachableHost } from '../lab/stack/stack';

const required = {
  DATABASE_URL: 'postgres://localhost/tenure',
  TEMPORAL_ADDRESS: 'localhost:7233',
  TENURE_PEPPERS: `p1:${Buffer.alloc(32, 7).toString('base64')}`,
};

describe('where the API listens', () => {
  it('is every address in production, as containers need it, and loopback for npm start, unless one is named', () => {
    expect(loadServerConfig(required).listenHost).toBeUndefined();
    expect(loadStackConfig({}).listenHost).toBe('127.0.0.1');
    expect(loadServerConfig({ ...required, LISTEN_HOST: '10.0.0.5' }).listenHost).toBe('10.0.0.5');
    expect(loadStackConfig({ LISTEN_HOST: '::' }).listenHost).toBe('::');
  });

  it('has nothing to do with HOST, which some shells set to the name of the machine', () => {
    expect(loadServerConfig({ ...required, HOST: 'laptop' }).listenHost).toBeUndefined();
    expect(loadStackConfig({ HOST: 'laptop' }).listenHost).toBe('127.0.0.1');
  });

  it('is an address and not a name', () => {
    const load = () => loadServerConfig({ ...required, LISTEN_HOST: 'tenure.example' });

    expect(load).toThrow(ConfigError);
    expect(load).toThrow('LISTEN_HOST: expected an IP address');
  });

  it.each([
    ['127.0.0.1', '127.0.0.1'],
    ['0.0.0.0', '127.0.0.1'],
    ['::', '127.0.0.1'],
    ['::1', '[::1]'],
    ['192.0.2.7', '192.0.2.7'],
    ['localhost', 'localhost'],
  ])('%s is reached from this machine as %s', (host, reachable) => {
    expect(reachableHost(host)).toBe(reachable);
  });
});
