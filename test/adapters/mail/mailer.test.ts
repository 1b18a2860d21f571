import PostalMime from 'postal-mime';
import { createMailer, UNUSABLE_ADDRESS_CODE } from '../../../src/adapters/mail/mailer';
import {
  address,
  closeAll,
  email,
  failureOf,
  from,
  mailerTo,
  smtpError,
  startSmtpServer,
} from '../../support/smtp-servers';

afterEach(closeAll);

describe('Accepted emails', () => {
  it('An accepted email arrives once, with its headers', async () => {
    const { url, received } = await startSmtpServer();

    const result = await mailerTo(url).send(email());

    expect(result).toEqual({ kind: 'accepted' });
    expect(received).toHaveLength(1);
    expect(received[0]).toMatchObject({ from: 'no-reply@tenure.example', to: [address] });
    const parsed = await PostalMime.parse(received[0]!.raw);
    const headers = Object.fromEntries(parsed.headers.map(({ key, value }) => [key, value]));
    expect(headers).toMatchObject({
      from: from,
      to: address,
      'message-id': '<pin.reset-1.1@tenure.example>',
      'auto-submitted': 'auto-generated',
      'x-auto-response-suppress': 'All',
      'content-language': 'es',
    });
    expect(Object.keys(headers)).not.toContain('x-mailer');
  });

  it('An accepted email arrives with its subject and both bodies as they were written', async () => {
    const { url, received } = await startSmtpServer();

    await mailerTo(url).send(email());

    const parsed = await PostalMime.parse(received[0]!.raw);
    expect(parsed.subject).toBe(email().subject);
    expect(parsed.text?.trimEnd()).toBe(email().text.trimEnd());
    expect(parsed.html?.trimEnd()).toBe(email().html);
    expect(received[0]!.raw).toMatch(/^Content-Type: multipart\/alternative/m);
  });

  it('An email has the same Message-ID each time it is sent', async () => {
    const { url, received } = await startSmtpServer();

    await mailerTo(url).send(email());
    await mailerTo(url).send(email());

    const ids = received.map(({ raw }) => /^Message-ID: .*$/m.exec(raw)?.[0]);
    expect(ids).toEqual(Array(2).fill('Message-ID: <pin.reset-1.1@tenure.example>'));
  });

  it('An email shares a connection with those that follow, even after one was refused', async () => {
    const { url, received, connections } = await startSmtpServer({
      onRcptTo: (to, _session, done) => done(to.address.startsWith('gone') ? smtpError(550) : null),
    });
    const mailer = mailerTo(url, { connections: 1 });

    for (const to of [address, 'gone@example.com', 'other@example.com']) await mailer.send(email({ to }));

    expect(received.map(({ to }) => to)).toEqual([[address], ['other@example.com']]);
    expect(connections()).toBe(1);
  });

  it('An email is accepted once a mail server that was down is back', async () => {
    const { url, port, close } = await startSmtpServer();
    const mailer = mailerTo(url);
    await close();
    const failure = await failureOf(mailer.send(email()));
    const { received } = await startSmtpServer({ port });

    const result = await mailer.send(email());

    expect(failure.code).toBe('ECONNREFUSED');
    expect(result).toEqual({ kind: 'accepted' });
    expect(received).toHaveLength(1);
  });
});

describe('Unsafe input', () => {
  it.each([
    'maria@example.com\r\nRCPT TO:<evil@example.com>',
    'maria@example.com\nBcc: evil@example.com',
    'maria@example.com\0',
    'maria@example.com, evil@example.com',
    'maria@example.com;evil@example.com',
    'Maria <maria@example.com>',
    '"a b"@example.com',
    'maria@evil.example@example.com',
    'mar\u202eia@example.com',
    'mar\ud800ia@example.com',
    'maria',
    '@example.com',
    '',
    `${'m'.repeat(10_000)}@example.com`,
  ])('The address %j is refused permanently before the mailer connects to a server', async (to) => {
    const { url, connections } = await startSmtpServer();

    const result = await mailerTo(url).send(email({ to }));

    expect(result).toEqual({ kind: 'refused', smtpCode: UNUSABLE_ADDRESS_CODE });
    expect(connections()).toBe(0);
  });

  it.each(["o'dwyer+portal@example.com", 'a.b-c_d=e!f@sub.example.com'])(
    'The address %s is accepted',
    async (to) => {
      const { url, received } = await startSmtpServer();

      const result = await mailerTo(url).send(email({ to }));

      expect(result).toEqual({ kind: 'accepted' });
      expect(received[0]!.to).toEqual([to]);
    },
  );

  it('A line break in a subject cannot add a header, a recipient or a body', async () => {
    const { url, received } = await startSmtpServer();

    await mailerTo(url).send(email({ subject: 'Hi\r\nBcc: evil@example.com\r\n\r\n<script>' }));

    const parsed = await PostalMime.parse(received[0]!.raw);
    expect(received[0]!.to).toEqual([address]);
    expect(parsed.headers.map(({ key }) => key)).not.toContain('bcc');
    expect(parsed.text?.trimEnd()).toBe(email().text.trimEnd());
  });

  it('A line with a single dot in a body cannot end the message early', async () => {
    const { url, received } = await startSmtpServer();
    const text = 'one\r\n.\r\nMAIL FROM:<evil@example.com>\r\n..\r\ntwo';

    await mailerTo(url).send(email({ text }));

    const parsed = await PostalMime.parse(received[0]!.raw);
    expect(received).toHaveLength(1);
    expect(parsed.text?.trimEnd().replace(/\r\n/g, '\n')).toBe(text.replace(/\r\n/g, '\n'));
  });

  it.each(['Member Services', '', 'a@example.com, b@example.com'])(
    'createMailer rejects %j as the sender',
    (sender) => {
      expect(() => createMailer({ smtpUrl: 'smtp://127.0.0.1:1', from: sender, connections: 1 })).toThrow(
        'not one email address',
      );
    },
  );
});
