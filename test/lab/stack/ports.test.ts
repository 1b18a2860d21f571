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
  it('reservePort picks a free port when the default one is taken', async () => {
    await occupy(defaultPorts.inbox);

    const reserved = await reservePort({ name: 'inbox' });
    await reserved.release();

    expect(reserved.port).not.toBe(defaultPorts.inbox);
  });

  it('reservePort refuses a requested port that is taken and names the setting', async () => {
    const port = await freePort();
    await occupy(port);

    const reserving = reservePort({ name: 'api', asked: port });

    await expect(reserving).rejects.toThrow(PortTakenError);
    await expect(reserving).rejects.toThrow(`PORT=${port}`);
  });

  it('reservePort prefers the remembered port to the default one', async () => {
    const remembered = await freePort();

    const reserved = await reservePort({ name: 'postgres', remembered });
    await reserved.release();

    expect(reserved.port).toBe(remembered);
  });

  it('reservePort never gives out a port twice while it is held', async () => {
    const first = await reservePort({ name: 'smtp' });
    const second = await reservePort({ name: 'smtp' });
    await Promise.all([first.release(), second.release()]);

    expect(second.port).not.toBe(first.port);
  });

  it('reservePort takes any free port when 0 is requested', async () => {
    const reserved = await reservePort({ name: 'api', asked: 0 });
    await reserved.release();

    expect(reserved.port).toBeGreaterThan(0);
  });
});

describe('freePort', () => {
  it('freePort gives no port that the system may give to a connection before it is used', async () => {
    const ports = await Promise.all(Array.from({ length: 20 }, freePort));

    // Linux gives those from 32768 on, others from higher ones.
    expect(Math.max(...ports)).toBeLessThan(32_768);
    expect(new Set(ports).size).toBe(ports.length);
  });

  it('freePort passes over a port that is taken', async () => {
    const port = await freePort();
    await occupy(port + 1);

    expect(await freePort()).not.toBe(port + 1);
  });
});

describe('remembered ports', () => {
  let folder: string;
  beforeEach(async () => (folder = await mkdtemp(join(tmpdir(), 'tenure-ports-'))));
  afterEach(() => rm(folder, { recursive: true }));

  it('Remembered ports are read back as they were written', async () => {
    const file = join(folder, 'ports.json');

    await rememberPorts(file, { api: 3001, smtp: 2525 });

    await expect(readRememberedPorts(file)).resolves.toEqual({ api: 3001, smtp: 2525 });
  });

  it.each(['', 'null', '{"api":"x"}', '{"other":1}', '{"api":70000}'])(
    'There are no remembered ports when the file holds %j',
    async (content) => {
      const file = join(folder, 'ports.json');
      await writeFile(file, content);

      await expect(readRememberedPorts(file)).resolves.toEqual({});
    },
  );
});
