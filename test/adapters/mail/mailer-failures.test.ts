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

describe('Permanent refusals', () => {
  it('An unknown recipient is reported as refused, with the SMTP code', async () => {
    const { url } = await startSmtpServer({ onRcptTo: (_to, _session, done) => done(smtpError(550)) });

    const result = await mailerTo(url).send(email());

    expect(result).toEqual({ kind: 'refused', smtpCode: 550 });
  });

  it('An unwanted message is reported as refused, with the SMTP code', async () => {
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
  ])('An answer to %s with %s is a permanent refusal', async (command, reply, smtpCode) => {
    const url = await startServerAnswering(command, reply);

    const result = await mailerTo(url).send(email());

    expect(result).toEqual({ kind: 'refused', smtpCode });
  });
});

describe('Temporary failures', () => {
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
  ])('An answer to %s with %s is a temporary failure', async (command, reply, code) => {
    const url = await startServerAnswering(command, reply);

    const failure = await failureOf(mailerTo(url).send(email()));

    expect(failure.code).toBe(code);
  });

  it('A greeting that turns every client away is a temporary failure', async () => {
    const url = await startRawServer('554 no mail here');

    const failure = await failureOf(mailerTo(url).send(email()));

    expect(failure.code).toBe(554);
  });

  it('A password that the mail server rejects is a temporary failure', async () => {
    const { port } = await startSmtpServer({
      authOptional: false,
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(smtpError(535)),
    });

    const failure = await failureOf(mailerTo(`smtp://tenure:wrong@127.0.0.1:${port}`).send(email()));

    expect(failure.code).toBe(535);
  });

  it('A sign-in that the mail server requires and the settings lack is a temporary failure', async () => {
    const { url } = await startSmtpServer({ authOptional: false, allowInsecureAuth: true });

    const failure = await failureOf(mailerTo(url).send(email()));

    expect(failure.code).toBe(530);
  });

  it('A mail server that is not running is a temporary failure', async () => {
    const { url, close } = await startSmtpServer();
    await close();

    const failure = await failureOf(mailerTo(url).send(email()));

    expect(failure.code).toBe('ECONNREFUSED');
  });

  it('A mail server that accepts the connection and says nothing is a temporary failure', async () => {
    const url = await startRawServer(undefined);

    const failure = await failureOf(mailerTo(url, { timeouts: impatient }).send(email()));

    expect(failure.code).toBe('ETIMEDOUT');
  });

  it('A mail server that stops answering in the middle of a session is a temporary failure', async () => {
    const url = await startRawServer('220 ready', (line) => (line.startsWith('EHLO') ? '250 OK' : undefined));

    const failure = await failureOf(mailerTo(url, { timeouts: { answerMs: 300 } }).send(email()));

    expect(failure.code).toBe('ETIMEDOUT');
  });

  it.each(['EHLO', 'RCPT', '.'])(
    'A connection lost after %s is a temporary failure that the mailer does not retry by itself',
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

  it('A host name that does not resolve is a temporary failure', async () => {
    const failure = await failureOf(mailerTo('smtp://mail.invalid:25').send(email()));

    expect(failure.code).toMatch(/^[A-Z_]+$/);
  });

  it('A mail failure reveals neither the recipient nor the message nor the server’s reply', async () => {
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
