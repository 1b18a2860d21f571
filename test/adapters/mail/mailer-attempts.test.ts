import { setTimeout as sleep } from 'node:timers/promises';
import type { Socket } from 'node:net';
import { UNUSABLE_ADDRESS_CODE } from '../../../src/adapters/mail/mailer';
import { PATIENCE } from '../../../src/adapters/mail/smtp-session';
import {
  address,
  closeAll,
  email,
  failureOf,
  mailerTo,
  startRawServer,
  startServerAnswering,
  startSmtpServer,
} from '../../support/smtp-servers';
import { until } from '../../support/until';

afterEach(closeAll);

/** Long enough for one step on a busy machine, and for no other. */
const SHORT_MS = 2_000;

/** A promise, and what resolves it. */
function gate<Value>() {
  let open!: (value: Value) => void;
  const promise = new Promise<Value>((resolve) => (open = resolve));
  return { promise, open };
}

/** Resolves when the server is at `command`, which it answers when it is told to. */
async function serverAt(command: string) {
  const reply = gate<string>();
  const reached = gate<void>();
  const sockets: Socket[] = [];
  const lines: string[] = [];
  const url = await startServerAnswering(
    command,
    {
      // oxlint-disable-next-line unicorn/no-thenable -- whoever waits for the reply has come to the command
      then: (...args: Parameters<Promise<string>['then']>) => (reached.open(), reply.promise.then(...args)),
    } as Promise<string>,
    (socket) => {
      sockets.push(socket);
      socket.on('data', (data) => lines.push(data.toString()));
    },
  );
  return {
    url,
    reached: reached.promise,
    answer: reply.open,
    heard: () => lines.join(''),
    isLeft: () => until(() => sockets.length > 0 && sockets.every((socket) => socket.closed)),
  };
}

describe('the patience with a server', () => {
  it('is what RFC 5321 asks for at least, at each step', () => {
    const minutes = 60_000;

    expect(PATIENCE.greetingMs).toBeGreaterThanOrEqual(5 * minutes);
    expect(PATIENCE.answerMs).toBeGreaterThanOrEqual(10 * minutes);
  });

  it('with its greeting is not the patience with the network or with its answers', async () => {
    const greeting = gate<string>();
    const url = await startRawServer(greeting.promise, (line) =>
      line === 'DATA' ? '354 go on' : /^(EHLO|MAIL|RCPT|\.)/.test(line) ? '250 OK' : undefined,
    );
    const sending = mailerTo(url, { timeouts: { connectionMs: SHORT_MS } }).send(email());

    await sleep(SHORT_MS + 300);
    greeting.open('220 at last');

    expect(await sending).toEqual({ kind: 'accepted' });
  });

  it('after the final dot is not the patience with its greeting', async () => {
    const server = await serverAt('.');
    const sending = mailerTo(server.url, { timeouts: { greetingMs: SHORT_MS } }).send(email());

    await server.reached;
    await sleep(SHORT_MS + 300);
    server.answer('250 taken');

    expect(await sending).toEqual({ kind: 'accepted' });
    expect(server.heard().match(/^DATA/gm)).toHaveLength(1);
  });
});

describe('an attempt that is ended', () => {
  it.each(['EHLO', 'MAIL', 'RCPT', 'DATA', '.'])(
    'at %s has closed its connection when that is told',
    async (command) => {
      const server = await serverAt(command);
      const giveUp = new AbortController();
      const sending = mailerTo(server.url).send(email(), { giveUp: giveUp.signal });
      const reason = new Error('over');

      await server.reached;
      giveUp.abort(reason);

      await expect(sending).rejects.toBe(reason);
      await server.isLeft();
    },
  );

  it('before the server greeted has closed its connection', async () => {
    const sockets: Socket[] = [];
    const url = await startRawServer(undefined, undefined, (socket) => sockets.push(socket));
    const stop = new AbortController();
    const sending = mailerTo(url).send(email(), { stop: stop.signal });
    const reason = new Error('a newer PIN');

    await until(() => sockets.length > 0);
    stop.abort(reason);

    await expect(sending).rejects.toBe(reason);
    await until(() => sockets[0]!.closed);
  });

  it.each(['MAIL', 'RCPT', 'DATA'])(
    'because nobody needs the email any more, at %s, has not handed it over',
    async (command) => {
      const server = await serverAt(command);
      const stop = new AbortController();
      const sending = mailerTo(server.url).send(email(), { stop: stop.signal });
      const reason = new Error('a newer PIN');

      await server.reached;
      stop.abort(reason);

      await expect(sending).rejects.toBe(reason);
      await server.isLeft();
      expect(server.heard()).not.toContain('Subject');
    },
  );

  it('because nobody needs the email any more goes on once the server has it: only its answer tells what became of it', async () => {
    const server = await serverAt('.');
    const stop = new AbortController();
    const sending = mailerTo(server.url).send(email(), { stop: stop.signal });

    await server.reached;
    stop.abort(new Error('a newer PIN'));
    server.answer('250 taken');

    expect(await sending).toEqual({ kind: 'accepted' });
  });
});

describe('an email that is no longer due', () => {
  it('when a connection is ready is withdrawn, and the connection is kept', async () => {
    const { url, received, connections } = await startSmtpServer();
    const mailer = mailerTo(url);

    const result = await mailer.send(email(), { renew: async () => null });
    await mailer.send(email());

    expect(result).toEqual({ kind: 'withdrawn' });
    expect([received.length, connections()]).toEqual([1, 1]);
  });

  it('is asked for after the wait for the server, not before: what is true then goes out', async () => {
    const greeting = gate<string>();
    const { url: target, received } = await startSmtpServer();
    const url = await startRawServer(greeting.promise, () => 'hang up');
    let renewed = 0;
    const early = mailerTo(url).send(email(), { renew: async (unchanged) => (renewed++, unchanged) });

    const renewedWhileItWaited = renewed;
    greeting.open('220 ready');
    await failureOf(early);
    await mailerTo(target).send(email(), { renew: async (old) => ({ ...old, subject: 'Hello again' }) });

    expect(renewedWhileItWaited).toBe(0);
    expect(received[0]!.raw).toContain('Subject: Hello again');
  });

  it('when the server is ready for the message itself is withdrawn, and not a byte of it goes out', async () => {
    const server = await serverAt('DATA');
    let due = true;
    const sending = mailerTo(server.url).send(email(), { isDue: () => due });

    await server.reached;
    due = false;
    server.answer('354 go on');

    expect(await sending).toEqual({ kind: 'withdrawn' });
    await server.isLeft();
    expect(server.heard()).not.toContain('Subject');
  });
});

describe('connections', () => {
  it('are as many as there may be: whoever finds them busy is told at once, and nothing waits inside', async () => {
    const server = await serverAt('EHLO');
    const giveUp = new AbortController();
    const mailer = mailerTo(server.url, { connections: 2 });
    const under = [1, 2].map(() => mailer.send(email(), { giveUp: giveUp.signal }));

    const failure = await failureOf(mailer.send(email()));

    expect(failure.code).toBe('EBUSY');
    giveUp.abort(new Error('over'));
    await Promise.allSettled(under);
  });

  it('that the server closed while nobody used them are replaced', async () => {
    const sockets: Socket[] = [];
    const url = await startServerAnswering('NOOP', '250 OK', (socket) => sockets.push(socket));
    const mailer = mailerTo(url);
    await mailer.send(email());

    sockets[0]!.end('421 closing down\r\n');

    expect(await mailer.send(email())).toEqual({ kind: 'accepted' });
    expect(sockets).toHaveLength(2);
  });
});

describe('an address with letters outside ASCII', () => {
  const jose = 'josé@example.com';

  it('before its @ is refused where the server does not offer SMTPUTF8, which never hears of it', async () => {
    const heard: string[] = [];
    const { url, received } = await startSmtpServer({
      hideSMTPUTF8: true,
      onMailFrom: (_from, _session, done) => (heard.push('MAIL'), done()),
    });
    const mailer = mailerTo(url);

    const result = await mailer.send(email({ to: jose }));
    await mailer.send(email());

    expect(result).toEqual({ kind: 'refused', smtpCode: UNUSABLE_ADDRESS_CODE });
    expect(heard).toEqual(['MAIL']);
    expect(received.map(({ to }) => to)).toEqual([[address]]);
  });

  it('before its @ goes out where the server offers SMTPUTF8', async () => {
    const { url, received } = await startSmtpServer({ hideSMTPUTF8: false });

    const result = await mailerTo(url).send(email({ to: jose }));

    expect(result).toEqual({ kind: 'accepted' });
    expect(received[0]!.to).toEqual([jose]);
  });

  it('after its @ goes out with its domain as A-labels', async () => {
    const heard: string[] = [];
    const url = await startServerAnswering('NOOP', '250 OK', (socket) =>
      socket.on('data', (data) => heard.push(data.toString())),
    );

    const result = await mailerTo(url).send(email({ to: 'maria@correo-méxico.example' }));

    expect(result).toEqual({ kind: 'accepted' });
    expect(heard.join('')).toContain('RCPT TO:<maria@xn--correo-mxico-ieb.example>\r\n');
    expect(heard.join('')).toMatch(/^To: maria@xn--correo-mxico-ieb\.example\r?$/m);
  });
});
