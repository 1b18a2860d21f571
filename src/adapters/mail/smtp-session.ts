/** One conversation with the mail server. */
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import SMTPConnection from 'nodemailer/lib/smtp-connection';
import type { Attempt } from '../../ports/mail';

export interface MailerTimeouts {
  /** Until the network connection is established. */
  readonly connectionMs: number;
  /** From then until the server greets. */
  readonly greetingMs: number;
  /** For any other answer: the RFC's longest timeout, ten minutes after the final dot, works for all. */
  readonly answerMs: number;
}

/** The client's timeouts of RFC 5321, 4.5.3.2. */
export const PATIENCE: MailerTimeouts = { connectionMs: 10_000, greetingMs: 300_000, answerMs: 600_000 };

export interface SmtpServer {
  readonly host: string;
  readonly port: number;
  /** The URL's other connection options, in nodemailer's form. */
  readonly options: SMTPConnection.Options;
  readonly auth?:
    { readonly user: string; readonly pass: string; readonly method?: string | undefined } | undefined;
}

export interface SmtpSession {
  /** Whether addresses and headers may have non-ASCII letters (RFC 6531). */
  readonly takesUtf8: boolean;
  isOpen(): boolean;
  /**
   * Resolves when the server has accepted the message. Rejects with nodemailer's error, or with the signal's reason if `attempt` ended
   * first; the connection is then closed. `withdrawn`: it was no longer due when the server asked for it.
   */
  send(
    envelope: SMTPConnection.Envelope,
    message: Buffer,
    attempt: Attempt,
  ): Promise<'accepted' | 'withdrawn'>;
  /** Whether the last message was, or may have been, sent to the server. */
  wasHandedOver(): boolean;
  /** Resets the session after a refused message; false, and closed, if the server does not confirm in time. */
  reset(): Promise<boolean>;
  /** Sends QUIT without waiting for the answer. */
  quit(): void;
  close(): void;
}

/** Timeout for QUIT and RSET, which are optional: the connection is closed if the server does not answer. */
const COURTESY_MS = 5_000;

/**
 * Connects, greets, and signs in if the URL has a password. Rejects with nodemailer's or the network's error, or with the reason of
 * the attempt's signal; then nothing stays open.
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
    // Once an attempt is reported as ended, the next one may start: nothing of this one may go out after that.
    socketCloseTimeout: 0,
    // Never log, whatever the URL says: the conversation contains addresses and PINs.
    logger: false,
    debug: false,
    transactionLog: false,
  });
  // Each step handles its own errors; between two steps there is no handler.
  smtp.on('error', () => undefined);
  const both = [attempt.stop, attempt.giveUp];

  await inOneStep<void>(smtp, both, (done) => smtp.connect((error) => done(error ?? null)));
  // The answer to EHLO; nodemailer does not expose what it parsed.
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
      // Read only after the server has answered DATA: until then the email can be withdrawn.
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

  /** Ends when `stop` does, until the message has been sent: after that only the server's answer shows the outcome. */
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
 * The value that `start` calls back with. A silently closed connection or a signal also ends the step; after a signal the connection
 * is closed before the error is reported.
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
    // The server's reply arrives just after the end, and says more.
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

/** The network connection. nodemailer has one timeout for it and the greeting, but they differ by minutes. */
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
