import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { createHttpServer, type ClientLimits } from '../../../src/api/http/server';
import { startApi, type Api } from '../api';

/** Far below the real ones, and in the same order. */
const limits = { requestMs: 600, headersMs: 300, keepAliveMs: 200, checkEveryMs: 50, maxHeaders: 20 };

const stops: (() => void)[] = [];
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

async function open(
  listener: Parameters<typeof createHttpServer>[0],
  more: Partial<ClientLimits> = {},
): Promise<Socket> {
  const server = createHttpServer(listener, { ...limits, ...more }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  stops.push(() => (socket.destroy(), server.close()));
  await once(socket, 'connect');
  return socket;
}

/** For who is not slow: the test itself may be, on a busy machine. */
const patient = { requestMs: 60_000, headersMs: 60_000 };

/** Everything that comes until the other side ends the connection. */
async function untilCutOff(socket: Socket): Promise<string> {
  let said = '';
  socket.setEncoding('utf8').on('data', (text: string) => (said += text));
  await once(socket, 'close');
  return said;
}

const answer200: Parameters<typeof createHttpServer>[0] = (req, res) => {
  req.resume().on('end', () => res.end('done'));
};

it('The server cuts off a client that sends its headers too slowly', async () => {
  const socket = await open(answer200);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n');
  const drops = setInterval(() => socket.write('X-More: y\r\n'), 50);
  stops.push(() => clearInterval(drops));

  expect(await untilCutOff(socket)).toContain('408 Request Timeout');
});

it('The server cuts off a client that never ends its body', async () => {
  const socket = await open(answer200);
  socket.write('POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000\r\n\r\n');
  const drops = setInterval(() => socket.write('z'), 50);
  stops.push(() => clearInterval(drops));

  expect(await untilCutOff(socket)).toContain('408 Request Timeout');
});

it('The server closes an idle connection', async () => {
  const socket = await open(answer200, patient);
  socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n');

  expect(await untilCutOff(socket)).toContain('200 OK');
});

it('The server refuses headers that are too large', async () => {
  const socket = await open(answer200, patient);
  socket.write(`GET / HTTP/1.1\r\nHost: x\r\nX-Large: ${'y'.repeat(20_000)}\r\n\r\n`);

  expect(await untilCutOff(socket)).toContain('431 Request Header Fields Too Large');
});

describe('Host header', () => {
  let api: Api;
  beforeEach(async () => {
    api = await startApi();
  });
  afterEach(() => api.close());

  it.each(['/healthz', '/v1/portals/member', '/v1/nothing', '/docs', '/openapi.json'])(
    'The Host header never appears in the answer to %s',
    async (path) => {
      const host = 'evil.example';
      const request = get(api.url + path, {
        headers: { host, 'x-forwarded-host': host, forwarded: `host=${host}` },
      });
      const [response] = (await once(request, 'response')) as [IncomingMessage];
      const chunks: Buffer[] = await response.toArray();

      expect(`${JSON.stringify(response.headers)}${Buffer.concat(chunks).toString()}`).not.toContain(host);
    },
  );
});
