import {
  address,
  closeAll,
  email,
  failureOf,
  impatient,
  mailerTo,
  pin,
  smtpError,
  startRawServer,
  startServerAnswering,
  startSmtpServer,
} from '../../support/smtp-servers';

afterEach(closeAll);

describe('a refusal for good', () => {
  it('is told with its code when the recipient is unknown', async () => {
    const { url } = await startSmtpServer({ onRcptTo: (_to, _session, done) => done(smtpError(550)) });

    const result = await mailerTo(url).send(email());

    expect(result).toEqual({ kind: 'refused', smtpCode: 550 });
  });

  it('is told with its code when the message is not wanted', async () => {
    const { url } = await startSmtpServer({
      onData: (stream, _session, done) => {
        stream.on('end', () => done(smtpError(554))).resume();
      },
    });

    const result = await mailerTo(url).send(email());

    expect(result).toEqual({ kind: 'refused', smtpCode: 554 });
  });

  it.each([
    ['RCPT', '501 5.1.3 bad address syntax', 501],
    ['RCPT', '550 5.1.1 no such user', 550],
    ['RCPT', '552 5.2.2 mailbox full', 552],
    ['RCPT', '556 5.1.10 this domain takes no mail', 556],
    ['DATA', '554 no', 554],
    ['.', '550 5.7.1 looks like spam', 550],
  ])('is the answer to %s with %s', async (command, reply, smtpCode) => {
    const url = await startServerAnswering(command, reply);

    const result = await mailerTo(url).send(email());

    expect(result).toEqual({ kind: 'refused', smtpCode });
  });
});

describe('a failure that may pass', () => {
  it.each([
    ['RCPT', '450 4.2.0 greylisted', 450],
    ['RCPT', '421 4.3.2 closing down', 421],
    ['.', '451 4.3.0 try again', 451],
    ['.', '452 4.3.1 disk full', 452],
    ['EHLO', '421 too many connections', 421],
    ['MAIL', '550 5.7.1 sender not accepted', 550],
    ['MAIL', '530 5.7.0 sign in first', 530],
    ['RCPT', '530 5.7.0 sign in first', 530],
    ['RCPT', '503 5.5.1 wrong order', 503],
    ['RCPT', '554 5.7.1 relaying denied', 554],
    ['RCPT', '550 5.1.8 bad sender', 550],
    ['.', '550 5.4.5 daily quota used up', 550],
  ])('is the answer to %s with %s', async (command, reply, code) => {
    const url = await startServerAnswering(command, reply);

    const failure = await failureOf(mailerTo(url).send(email()));

    expect(failure.code).toBe(code);
  });

  it('is a greeting that turns everybody away', async () => {
    const url = await startRawServer('554 no mail here');

    const failure = await failureOf(mailerTo(url).send(email()));

    expect(failure.code).toBe(554);
  });

  it('is a password that the server does not know', async () => {
    const { port } = await startSmtpServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(smtpError(535)),
    });

    const failure = await failureOf(mailerTo(`smtp://tenure:wrong@127.0.0.1:${port}`).send(email()));

    expect(failure.code).toBe(535);
  });

  it('is a sign-in that the server wants and the settings lack', async () => {
    const { url } = await startSmtpServer({ authOptional: false, allowInsecureAuth: true });

    const failure = await failureOf(mailerTo(url).send(email()));

    expect(failure.code).toBe(530);
  });

  it('is a server that is not there', async () => {
    const { url, close } = await startSmtpServer();
    await close();

    const failure = await failureOf(mailerTo(url).send(email()));

    expect(failure.code).toBe('ECONNREFUSED');
  });

  it('is a server that accepts the connection and says nothing', async () => {
    const url = await startRawServer(undefined);

    const failure = await failureOf(mailerTo(url, { timeouts: impatient }).send(email()));

    expect(failure.code).toBe('ETIMEDOUT');
  });

  it('is a server that falls silent in the middle', async () => {
    const url = await startRawServer('220 ready', (line) => (line.startsWith('EHLO') ? '250 OK' : undefined));

    const failure = await failureOf(mailerTo(url, { timeouts: { answerMs: 300 } }).send(email()));

    expect(failure.code).toBe('ETIMEDOUT');
  });

  it.each(['EHLO', 'RCPT', '.'])(
    'is a connection lost after %s, which is not tried again here',
    async (command) => {
      let losses = 0;
      const url = await startRawServer('220 ready', (line) => {
        if (line.startsWith(command)) {
          losses++;
          return 'hang up';
        }
        return line === 'DATA' ? '354 go on' : /^(EHLO|MAIL|RCPT)/.test(line) ? '250 OK' : undefined;
      });

      const failure = await failureOf(mailerTo(url).send(email()));

      expect(['ECONNECTION', 'ECONNRESET', 'ESOCKET']).toContain(failure.code);
      expect(losses).toBe(1);
    },
  );

  it('is a host name that does not resolve', async () => {
    const failure = await failureOf(mailerTo('smtp://mail.invalid:25').send(email()));

    expect(failure.code).toMatch(/^[A-Z_]+$/);
  });

  it('says nothing about whom and what it was, nor what the server said', async () => {
    const { url } = await startSmtpServer({ onRcptTo: (_to, _session, done) => done(smtpError(450)) });

    const failure = await failureOf(mailerTo(url).send(email()));

    const told = JSON.stringify([
      failure.message,
      failure.stack,
      Object.entries(failure),
      failure.cause ?? null,
    ]);
    for (const secret of [address, 'maria', pin, 'No way']) expect(told).not.toContain(secret);
    expect(failure.message).toBe('The mail server did not take the message (450)');
  });
});
