import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { type Inbox, startInbox } from '../../../lab/stack/inbox';
import type { Message, MessageSummary } from '../../../lab/stack/inbox-store';

let folder: string;
let inbox: Inbox;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-inbox-'));
  inbox = await startInbox({ folder, smtpPort: 0, httpPort: 0 });
});
afterEach(async () => {
  await inbox.stop();
  await rm(folder, { recursive: true });
});

interface TestMail {
  to: string;
  subject: string;
  html?: string;
  text?: string;
}

async function send({ to, subject, text = 'Your PIN is 0471.', html }: TestMail): Promise<void> {
  const transport = createTransport(inbox.smtpUrl);
  await transport.sendMail({
    from: 'Member Services <no-reply@tenure.example>',
    to,
    subject,
    text,
    ...(html && { html }),
  });
  transport.close();
}

async function list(query = ''): Promise<MessageSummary[]> {
  const response = await fetch(`${inbox.httpUrl}/api/messages${query}`);
  return (await response.json()) as MessageSummary[];
}

/** The status for a caller that knows the inbox by `host`, which `fetch` would not say. */
async function statusFor(host: string, path = '/', method = 'GET'): Promise<number | undefined> {
  const request = httpRequest(`${inbox.httpUrl}${path}`, { method, headers: { host } }).end();
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.resume();
  return response.statusCode;
}

async function restart(capacity?: number): Promise<void> {
  await inbox.stop();
  inbox = await startInbox({ folder, smtpPort: 0, httpPort: 0, ...(capacity && { capacity }) });
}

describe('inbox', () => {
  it.each(['127.0.0.1', 'localhost', 'LOCALHOST:8025', '[::1]:8025'])(
    'The inbox answers requests for the host %s',
    async (host) => {
      expect(await statusFor(host)).toBe(200);
    },
  );

  it.each([
    ['another site’s name that points here', 'rebound.example:8025'],
    ['a name that only begins like ours', 'localhost.evil.example'],
    ['another address', '192.0.2.7'],
    ['a name with more behind it', '127.0.0.1:8025@evil.example'],
  ])('The inbox refuses page, mails and deletion for %s', async (_what, host) => {
    await send({ to: 'ava.morgan@example.com', subject: 'Kept' });

    const statuses = [
      await statusFor(host),
      await statusFor(host, '/api/messages'),
      await statusFor(host, '/api/messages', 'DELETE'),
    ];

    expect(statuses).toEqual([421, 421, 421]);
    expect(await list()).toHaveLength(1);
  });

  it('The inbox lists mails received over SMTP, newest first', async () => {
    await send({ to: 'ava.morgan@example.com', subject: 'First' });
    await send({ to: 'lucia.reyes@example.com', subject: 'Segundo: su contraseña' });

    const messages = await list();

    expect(messages.map(({ subject }) => subject)).toEqual(['Segundo: su contraseña', 'First']);
    expect(messages[1]).toMatchObject({
      from: 'Member Services <no-reply@tenure.example>',
      to: ['ava.morgan@example.com'],
      messageId: expect.stringMatching(/^<.+@.+>$/),
      receivedAt: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    });
  });

  it('The inbox filters by recipient, regardless of case', async () => {
    await send({ to: 'ava.morgan@example.com', subject: 'For Ava' });
    await send({ to: 'james.tran@example.com', subject: 'For James' });

    const messages = await list('?to=AVA.Morgan@example.com');

    expect(messages.map(({ subject }) => subject)).toEqual(['For Ava']);
  });

  it('The inbox returns one mail with its text, HTML and headers', async () => {
    await send({ to: 'ava.morgan@example.com', subject: 'Both', html: '<p>PIN <b>0471</b></p>' });
    const [summary] = await list();

    const response = await fetch(`${inbox.httpUrl}/api/messages/${summary?.id}`);
    const message = (await response.json()) as Message;

    expect(message.text.trim()).toBe('Your PIN is 0471.');
    expect(message.html.trim()).toBe('<p>PIN <b>0471</b></p>');
    expect(message.headers).toContainEqual({ name: 'Subject', value: 'Both' });
    expect(message.headers).toContainEqual({ name: 'Delivered-To', value: 'ava.morgan@example.com' });
  });

  it('The inbox keeps mails in order over a restart', async () => {
    await send({ to: 'ava.morgan@example.com', subject: 'One' });
    await send({ to: 'ava.morgan@example.com', subject: 'Two' });
    const before = await list();

    await restart();

    expect(await list()).toEqual(before);
    expect(before).toHaveLength(2);
  });

  it('The inbox drops the oldest mails beyond its capacity', async () => {
    for (const subject of ['One', 'Two', 'Three']) await send({ to: 'ava.morgan@example.com', subject });

    await restart(2);
    await send({ to: 'ava.morgan@example.com', subject: 'Four' });

    expect((await list()).map(({ subject }) => subject)).toEqual(['Four', 'Three']);
  });

  it('The inbox keeps all of many mails sent at once', async () => {
    const subjects = Array.from({ length: 30 }, (_, index) => `Mail ${index}`);

    await Promise.all(subjects.map((subject) => send({ to: 'ava.morgan@example.com', subject })));

    expect((await list()).map(({ subject }) => subject).toSorted()).toEqual(subjects.toSorted());
  });

  it('The inbox deletes all mails on request', async () => {
    await send({ to: 'ava.morgan@example.com', subject: 'Gone soon' });

    const response = await fetch(`${inbox.httpUrl}/api/messages`, { method: 'DELETE' });
    await restart();

    expect(response.status).toBe(204);
    expect(await list()).toEqual([]);
  });

  it('The inbox answers 404 for an unknown mail and does not read other files', async () => {
    const statuses = await Promise.all(
      ['nope', '..%2F..%2Fetc%2Fpasswd'].map(
        async (id) => (await fetch(`${inbox.httpUrl}/api/messages/${id}`)).status,
      ),
    );

    expect(statuses).toEqual([404, 404]);
  });

  it('The inbox shows subjects as text, whatever they contain', async () => {
    await send({ to: 'ava.morgan@example.com', subject: '<script>alert(1)</script>' });

    const page = await (await fetch(inbox.httpUrl)).text();

    expect(page).not.toContain('<script>alert');
    expect(page).toContain('&#60;script&#62;alert(1)');
  });

  it('A mail’s HTML can neither run scripts nor load anything', async () => {
    await send({
      to: 'ava.morgan@example.com',
      subject: 'Active',
      html: '<script>parent.x=1</script><img src="http://x.example/a.png">',
    });
    const [summary] = await list();

    const frame = await fetch(`${inbox.httpUrl}/messages/${summary?.id}/html`);
    const page = await (await fetch(`${inbox.httpUrl}/messages/${summary?.id}`)).text();

    expect(frame.headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none';/);
    expect(page).toContain(' sandbox src=');
  });
});
