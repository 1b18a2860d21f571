/** One conversation with the mail server. */
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Attempt } from '../../ports/mail';

export interface MailerTimeouts {
  /** Until the network connection stands. */
  readonly connectionMs: number;
  /** From there until the server greets. */
  readonly greetingMs: number;
  /** For any other answer: the longest that the RFC asks for, ten minutes after the final dot, is right for all. */
  readonly answerMs: number;
}

/** What a client owes a server: RFC 5321, 4.5.3.2. */
export const PATIENCE: MailerTimeouts = { connectionMs: 10_000, greetingMs: 300_000, answerMs: 600_000 };

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** What else the URL says of the connection, as nodemailer takes it. */
  readonly options: SMTPConnection.Options;
  readonly auth?:
    { readonly user: string; readonly pass: string; readonly method?: string | undefined } | undefined;
}

export interface SmtpSession {
  /** Whether addresses and headers may have letters outside ASCII (RFC 6531). */
  readonly takesUtf8: boolean;
  isOpen(): boolean;
  /**
   * Resolves when the server took the message, rejects with nodemailer's error, or with the signal's reason when `attempt` was ended
   * before; the connection is closed then. `withdrawn`: it was no longer due when the server asked for it.
   */
  send(
    envelope: SMTPConnection.Envelope,
    message: Buffer,
    attempt: Attempt,
  ): Promise<'accepted' | 'withdrawn'>;
  /** Whether the last message went to the server, or may have. */
  wasHandedOver(): boolean;
  /** Ready for the next message after a refused one; false, and closed, when the server does not say so soon. */
  reset(): Promise<boolean>;
  /** Takes leave. Nobody waits for it. */
  quit(): void;
  close(): void;
}

/** Taking leave and being made ready again are courtesies: a server that does not answer them soon is left. */
const COURTESY_MS = 5_000;

/**
 * Connects, greets, and signs in where the URL has a password. Rejects with nodemailer's error or the network's, or with the reason of
 * the attempt's signal; nothing is left open then.
 */
export async function openSession(
  server: SmtpServer,
  timeouts: MailerTimeouts,
  attempt: Attempt,
): Promise<SmtpSession> {
  const socket = await connected(server, timeouts.connectionMs, attempt);
  const smtp = new SMTPConnection({
    ...server.options,
    host: server.host,
    port: server.port,
    connection: socket,
    greetingTimeout: timeouts.greetingMs,
    // For the greeting and TLS together.
    connectionTimeout: 2 * timeouts.greetingMs,
    socketTimeout: timeouts.answerMs,
    // Whoever is told that an attempt ended may begin the next one: nothing of this one may go out after that.
    socketCloseTimeout: 0,
    // Whatever the URL says: a conversation holds addresses and PINs.
    logger: false,
    debug: false,
    transactionLog: false,
  });
  // Each step hears of an error by itself; between two of them there is nobody to tell.
  smtp.on('error', () => undefined);
  const both = [attempt.stop, attempt.giveUp];

  await inOneStep<void>(smtp, both, (done) => smtp.connect((error) => done(error ?? null)));
  // The answer to EHLO; nodemailer keeps what it read from it to itself.
  const takesUtf8 = /^250[ -]SMTPUTF8\s*$/im.test(smtp.lastServerResponse || '');
  const { auth } = server;
  if (auth && smtp.allowsAuth) {
    const { user, pass, method } = auth;
    await inOneStep(smtp, both, (done) => smtp.login({ user, credentials: { user, pass }, method }, done));
  }

  let handedOver = false;

  return {
    takesUtf8,
    isOpen: () => !smtp.destroyed,
    wasHandedOver: () => handedOver,

    async send(envelope, message, { stop, giveUp, isDue }) {
      handedOver = false;
      let withdrawn = false;
      // Read for the first time when the server has answered DATA: until then the email can be taken back.
      const body = new Readable({
        read() {
          withdrawn = stop.aborted || !isDue();
          if (withdrawn) return void this.destroy();
          handedOver = true;
          this.push(message);
          this.push(null);
        },
      });
      body.once('close', () => withdrawn && smtp.close());
      try {
        await inOneStep(smtp, [giveUp, unlessHandedOver(stop)], (done) => smtp.send(envelope, body, done));
        return 'accepted';
      } catch (error) {
        if (withdrawn && !stop.aborted) return 'withdrawn';
        throw error;
      }
    },

    async reset() {
      if (smtp.destroyed) return false;
      const soon = AbortSignal.timeout(COURTESY_MS);
      return inOneStep(smtp, [soon], (done) => smtp.reset(done)).then(
        () => true,
        () => (smtp.close(), false),
      );
    },

    quit() {
      if (smtp.destroyed) return;
      smtp.quit();
      setTimeout(() => smtp.close(), COURTESY_MS).unref();
    },

    close: () => smtp.close(),
  };

  /** Ends as `stop` does, as long as the message is not with the server: after that only its answer tells what became of it. */
  function unlessHandedOver(stop: AbortSignal): AbortSignal {
    const controller = new AbortController();
    const onStop = (): void => {
      if (!handedOver) controller.abort(stop.reason);
    };
    if (stop.aborted) onStop();
    else stop.addEventListener('abort', onStop, { once: true, signal: controller.signal });
    return controller.signal;
  }
}

/**
 * What `start` calls back with. A connection that ends without a word, and a signal, end the step as well; after a signal the connection
 * is closed before anybody hears of it.
 */
function inOneStep<Result>(
  smtp: SMTPConnection,
  signals: readonly AbortSignal[],
  start: (done: (error: unknown, result?: Result) => void) => void,
): Promise<Result> {
  return new Promise<Result>((resolve, reject) => {
    const onAbort = (event: Event | { readonly target: AbortSignal }): void => {
      smtp.close();
      settle(() => reject(reasonOf(event.target as AbortSignal)));
    };
    // What the server said comes a moment after the end; it tells more.
    const onEnd = (): void =>
      void setImmediate(() => settle(() => reject(failure('ECONNECTION', 'the connection was closed'))));
    const onError = (error: Error): void => settle(() => reject(error));
    const settle = (how: () => void): void => {
      smtp.off('end', onEnd);
      smtp.off('error', onError);
      for (const signal of signals) signal.removeEventListener('abort', onAbort);
      how();
    };

    const aborted = signals.find((signal) => signal.aborted);
    if (aborted) return onAbort({ target: aborted });
    for (const signal of signals) signal.addEventListener('abort', onAbort, { once: true });
    smtp.once('end', onEnd);
    smtp.once('error', onError);
    start((error, result) => settle(() => (error ? reject(error) : resolve(result as Result))));
  });
}

/** The network connection. nodemailer counts the wait for it and for the greeting as one; they differ by minutes. */
function connected({ host, port }: SmtpServer, withinMs: number, { stop, giveUp }: Attempt): Promise<Socket> {
  return new Promise<Socket>((resolve, reject) => {
    const signal = AbortSignal.any([stop, giveUp]);
    if (signal.aborted) return reject(reasonOf(signal));
    const socket = connect({ host, port });
    const timer = setTimeout(() => end(failure('ETIMEDOUT', 'the connection did not come about')), withinMs);
    const onAbort = (): void => end(reasonOf(signal));
    const end = (error?: Error): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
      socket.off('error', end);
      if (error === undefined) return resolve(socket);
      socket.on('error', () => undefined);
      socket.destroy();
      reject(error);
    };
    signal.addEventListener('abort', onAbort, { once: true });
    socket.once('error', end);
    socket.once('connect', () => end());
  });
}

const reasonOf = ({ reason }: AbortSignal): Error =>
  reason instanceof Error ? reason : failure('ECANCELED', 'the attempt was ended');

const failure = (code: string, message: string): Error => Object.assign(new Error(message), { code });
