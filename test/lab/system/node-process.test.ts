import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { NodeProcess } from '../../../lab/system/node-process';

describe('NodeProcess', () => {
  let folder: string;
  beforeAll(async () => (folder = await mkdtemp(join(tmpdir(), 'tenure-node-process-'))));
  afterAll(() => rm(folder, { recursive: true }));

  /** A process that is deaf to SIGTERM. */
  async function deaf(rest: string) {
    const script = join(folder, 'deaf.js');
    await writeFile(script, `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); ${rest}`);
    const stopped = new AbortController();
    return { stopped, part: new NodeProcess({ name: 'the deaf one', script, signal: stopped.signal }) };
  }

  it('kills a process that is still starting when its signal is aborted', async () => {
    const { stopped, part } = await deaf('');

    const starting = part.start();
    stopped.abort();

    await expect(starting).rejects.toThrow('the deaf one did not start');
    expect(part.isRunning).toBe(false);
  });

  it('kills a process that would not stop by itself when its signal is aborted', async () => {
    const { stopped, part } = await deaf(`process.send('ready');`);
    await part.start();

    stopped.abort();
    await part.stop();

    expect(part.isRunning).toBe(false);
  });
});
