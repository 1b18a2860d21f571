/** SMTP servers for tests, a mailer for them, and an email to send. */
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { startMailSink, type MailSinkOptions, type TakenMail } from '../../lab/system/mail-sink';
import type { Attempt, Email } from '../../src/ports/mail';
import { createMailer, MailUnavailableError, type MailerOptions } from '../../src/adapters/mail/mailer';

export const from = 'Member Services <no-reply@tenure.example>';
export const pin = '0785';
export const address = 'maria.silva@example.com';
/** For tests of timeouts; no other test depends on time. */
export const impatient = { connectionMs: 300, greetingMs: 300, answerMs: 300 };
const timeouts = { connectionMs: 30_000, greetingMs: 30_000, answerMs: 30_000 };

const closing: (() => void | Promise<void>)[] = [];

/** Closes every mailer and server of the test, last first. */
export async function closeAll(): Promise<void> {
  for (const close of closing.splice(0).reverse()) await close();
}

/** A PIN email, by default in Spanish. */
export function email(fields: Partial<Email> = {}): Email {
  return {
    messageId: 'pin.reset-1.1',
    to: address,
    language: 'es',
    subject: 'Portal de miembros: su PIN temporal',
    text: `Su PIN es\n\n    ${pin}\n\nVálido hasta las 3:27 p.m.\n`,
    html: `<p lang="es">Su PIN es <b>${pin}</b>. Válido hasta las 3:27&nbsp;p.m.</p>`,
    ...fields,
  };
}

/** An attempt that is never aborted, for an email that stays due. */
export const attempt = (parts: Partial<Attempt> = {}): Attempt => ({
  stop: new AbortController().signal,
  giveUp: new AbortController().signal,
  renew: (unchanged) => Promise.resolve(unchanged),
  isDue: () => true,
  ...parts,
});

/** A mailer that waits for as long as a test may take. */
export function mailerTo(smtpUrl: string, options: Partial<MailerOptions> = {}) {
  const mailer = createMailer({ smtpUrl, from, timeouts, connections: 5, ...options });
  closing.push(() => mailer.close());
  return {
    send: (toSend: Email, parts: Partial<Attempt> = {}) => mailer.send(toSend, attempt(parts)),
  };
}

/** An SMTP server that keeps what it accepts. */
export async function startSmtpServer(options: Omit<MailSinkOptions, 'take'> = {}) {
  const received: TakenMail[] = [];
  let connections = 0;
  const sink = await startMailSink({
    take: (mail) => void received.push(mail),
    onConnect: (_session, done) => {
      connections++;
      done();
    },
    ...options,
  });
  closing.push(sink.close);
  return { ...sink, received, connections: () => connections };
}

type Reply = string | undefined | Promise<string>;

/** A server that answers each client line with the result of `answer`; undefined: no answer; a promise: when it resolves. */
export async function startRawServer(
  greeting: Reply,
  answer: (line: string) => Reply = () => undefined,
  onConnection: (socket: Socket) => void = () => undefined,
) {
  const server: Server = createServer((socket) => {
    onConnection(socket);
    const say = async (reply: Reply): Promise<void> => {
      const line = await reply;
      if (line === 'hang up') socket.destroy();
      else if (line !== undefined) socket.write(`${line}\r\n`);
    };
    void say(greeting);
    socket.on('data', (data) => {
      for (const line of data.toString().split('\r\n')) if (line !== '') void say(answer(line));
    });
    socket.on('error', () => {});
    closing.push(() => void socket.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(() => void server.close());
  return `smtp://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** A raw server that accepts every step up to `command`, which gets `reply`. */
export const startServerAnswering = (
  command: string,
  reply: Reply,
  onConnection?: (socket: Socket) => void,
) =>
  startRawServer(
    '220 ready',
    (line) => {
      if (line.startsWith(command)) return reply;
      if (/^(EHLO|HELO|MAIL|RCPT|RSET)/.test(line)) return '250 OK';
      if (line === 'DATA') return '354 go on';
      return line === '.' ? '250 OK' : undefined;
    },
    onConnection,
  );

/** The error with which an `SMTPServer` handler refuses; it quotes text that must not leak. */
export const smtpError = (responseCode: number, message = `No way, <${address}> and ${pin}`) =>
  Object.assign(new Error(message), { responseCode });

/** The MailUnavailableError with which sending must end. */
export async function failureOf(sending: Promise<unknown>): Promise<MailUnavailableError> {
  const error: unknown = await sending.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(MailUnavailableError);
  return error as MailUnavailableError;
}
