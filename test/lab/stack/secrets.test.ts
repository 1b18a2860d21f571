import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { keepKey } from '../../../lab/stack/secrets';

let folder: string;
beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tenure-secrets-'))));
afterEach(() => rm(folder, { recursive: true }));

describe('keepKey', () => {
  it('Peppers are made once and stay the same', async () => {
    const file = join(folder, 'home', 'peppers');

    const first = await keepKey(file);
    const second = await keepKey(file);

    expect(second).toBe(first);
    const [id, key] = first.split(':');
    expect(id).toBe('k1');
    expect(Buffer.from(key ?? '', 'base64')).toHaveLength(32);
  });

  it('The peppers file can be read only by its owner', async () => {
    const file = join(folder, 'peppers');
    await keepKey(file);

    expect((await stat(file)).mode & 0o777).toBe(0o600);
  });
});
