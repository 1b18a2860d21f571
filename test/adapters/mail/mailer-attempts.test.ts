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

describe('SMTP timeouts', () => {
  it('The default greeting and answer timeouts are at least as long as RFC 5321 asks for', () => {
    const minutes = 60_000;

    expect(PATIENCE.greetingMs).toBeGreaterThanOrEqual(5 * minutes);
    expect(PATIENCE.answerMs).toBeGreaterThanOrEqual(10 * minutes);
  });

  it('The connection timeout does not limit the wait for the server’s greeting', async () => {
    const greeting = gate<string>();
    const url = await startRawServer(greeting.promise, (line) =>
      line === 'DATA' ? '354 go on' : /^(EHLO|MAIL|RCPT|\.)/.test(line) ? '250 OK' : undefined,
    );
    const sending = mailerTo(url, { timeouts: { connectionMs: SHORT_MS } }).send(email());

    await sleep(SHORT_MS + 300);
    greeting.open('220 at last');

    expect(await sending).toEqual({ kind: 'accepted' });
  });

  it('The greeting timeout does not limit the wait for the answer to the final dot', async () => {
    const server = await serverAt('.');
    const sending = mailerTo(server.url, { timeouts: { greetingMs: SHORT_MS } }).send(email());

    await server.reached;
    await sleep(SHORT_MS + 300);
    server.answer('250 taken');

    expect(await sending).toEqual({ kind: 'accepted' });
    expect(server.heard().match(/^DATA/gm)).toHaveLength(1);
  });
});

describe('Aborted attempts', () => {
  it.each(['EHLO', 'MAIL', 'RCPT', 'DATA', '.'])(
    'An attempt aborted at %s fails with the given reason and closes its connection',
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

  it('An attempt aborted before the server’s greeting fails with the given reason and closes its connection', async () => {
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
    'An attempt stopped at %s because nobody needs the email any more does not hand over the message',
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

  it('An attempt stopped after the server has the message still returns the server’s answer', async () => {
    const server = await serverAt('.');
    const stop = new AbortController();
    const sending = mailerTo(server.url).send(email(), { stop: stop.signal });

    await server.reached;
    stop.abort(new Error('a newer PIN'));
    server.answer('250 taken');

    expect(await sending).toEqual({ kind: 'accepted' });
  });
});

describe('Emails that are no longer due', () => {
  it('An email that is no longer due when a connection is ready is withdrawn, and the connection is kept', async () => {
    const { url, received, connections } = await startSmtpServer();
    const mailer = mailerTo(url);

    const result = await mailer.send(email(), { renew: async () => null });
    await mailer.send(email());

    expect(result).toEqual({ kind: 'withdrawn' });
    expect([received.length, connections()]).toEqual([1, 1]);
  });

  it('An email is renewed only after the wait for the server, and the renewed version is sent', async () => {
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

  it('An email that is no longer due when the server is ready for the message is withdrawn before any of it is sent', async () => {
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

describe('Connections', () => {
  it('A mailer whose connections are all busy refuses another email at once with EBUSY', async () => {
    const server = await serverAt('EHLO');
    const giveUp = new AbortController();
    const mailer = mailerTo(server.url, { connections: 2 });
    const under = [1, 2].map(() => mailer.send(email(), { giveUp: giveUp.signal }));

    const failure = await failureOf(mailer.send(email()));

    expect(failure.code).toBe('EBUSY');
    giveUp.abort(new Error('over'));
    await Promise.allSettled(under);
  });

  it('A connection that the server closed while it was idle is replaced', async () => {
    const sockets: Socket[] = [];
    const url = await startServerAnswering('NOOP', '250 OK', (socket) => sockets.push(socket));
    const mailer = mailerTo(url);
    await mailer.send(email());

    sockets[0]!.end('421 closing down\r\n');

    expect(await mailer.send(email())).toEqual({ kind: 'accepted' });
    expect(sockets).toHaveLength(2);
  });
});

describe('Addresses outside ASCII', () => {
  const jose = 'josé@example.com';

  it('An address with a local part outside ASCII is refused before MAIL if the server does not offer SMTPUTF8', async () => {
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

  it('An address with a local part outside ASCII is accepted if the server offers SMTPUTF8', async () => {
    const { url, received } = await startSmtpServer({ hideSMTPUTF8: false });

    const result = await mailerTo(url).send(email({ to: jose }));

    expect(result).toEqual({ kind: 'accepted' });
    expect(received[0]!.to).toEqual([jose]);
  });

  it('An address with a domain outside ASCII is sent with the domain as A-labels', async () => {
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
