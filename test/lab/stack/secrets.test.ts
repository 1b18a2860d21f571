import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepPeppers } from '../../../lab/stack/secrets';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tenure-secrets-'))));
afterEach(() => rm(folder, { recursive: true }));

describe('the kept peppers', () => {
  it('are made once, and the same ever after', async () => {
    const file = join(folder, 'home', 'peppers');

    const first = await keepPeppers(file);
    const second = await keepPeppers(file);

    expect(second).toBe(first);
    const [id, key] = first.split(':');
    expect(id).toBe('k1');
    expect(Buffer.from(key ?? '', 'base64')).toHaveLength(32);
  });

  it('are for their owner only', async () => {
    const file = join(folder, 'peppers');
    await keepPeppers(file);

    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
