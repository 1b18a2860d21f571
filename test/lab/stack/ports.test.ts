import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  defaultPorts,
  freePort,
  PortTakenError,
  readRememberedPorts,
  rememberPorts,
  reservePort,
} from '../../../lab/stack/ports';

const opened: Server[] = [];

afterEach(async () => {
  await Promise.all(opened.splice(0).map((server) => new Promise((resolve) => server.close(resolve))));
});

/** Takes a port as another program would; tells nothing when it was taken already. */
async function occupy(port: number): Promise<void> {
  const server = createServer();
  opened.push(server);
  await new Promise<void>((resolve) => {
    server.once('error', () => resolve());
    server.listen(port, '127.0.0.1', resolve);
  });
}

describe('reservePort', () => {
  it('gives way from a default port that is taken to a free one', async () => {
    await occupy(defaultPorts.inbox);

    const reserved = await reservePort({ name: 'inbox' });
    await reserved.release();

    expect(reserved.port).not.toBe(defaultPorts.inbox);
  });

  it('refuses a taken port that was asked for, and names the setting', async () => {
    const port = await freePort();
    await occupy(port);

    const reserving = reservePort({ name: 'api', asked: port });

    await expect(reserving).rejects.toThrow(PortTakenError);
    await expect(reserving).rejects.toThrow(`PORT=${port}`);
  });

  it('takes the remembered port before the default one', async () => {
    const remembered = await freePort();

    const reserved = await reservePort({ name: 'postgres', remembered });
    await reserved.release();

    expect(reserved.port).toBe(remembered);
  });

  it('never gives the same port twice while it is held', async () => {
    const first = await reservePort({ name: 'smtp' });
    const second = await reservePort({ name: 'smtp' });
    await Promise.all([first.release(), second.release()]);

    expect(second.port).not.toBe(first.port);
  });

  it('takes any free port when 0 is asked for', async () => {
    const reserved = await reservePort({ name: 'api', asked: 0 });
    await reserved.release();

    expect(reserved.port).toBeGreaterThan(0);
  });
});

describe('remembered ports', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tenure-ports-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('come back as they were written', async () => {
    const file = join(folder, 'ports.json');

    await rememberPorts(file, { api: 3001, smtp: 2525 });

    await expect(readRememberedPorts(file)).resolves.toEqual({ api: 3001, smtp: 2525 });
  });

  it.each(['', 'null', '{"api":"x"}', '{"other":1}', '{"api":70000}'])(
    'count as none when the file holds %j',
    async (content) => {
      const file = join(folder, 'ports.json');
      await writeFile(file, content);

      await expect(readRememberedPorts(file)).resolves.toEqual({});
    },
  );
});
