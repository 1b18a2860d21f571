import { domainToASCII } from 'node:url';
import parseAddresses from 'nodemailer/lib/addressparser';
import MailComposer from 'nodemailer/lib/mail-composer';
import { parseConnectionUrl } from 'nodemailer/lib/shared';
import type { Attempt, Email, Mailer, SendResult } from '../../ports/mail';
import {
  openSession,
  PATIENCE,
  type MailerTimeouts,
  type SmtpServer,
  type SmtpSession,
} from './smtp-session';

export interface MailerOptions {
  /** `smtp://` takes TLS when the server offers it, `?requireTLS=true` requires it, `smtps://` starts with it. */
  readonly smtpUrl: string;
  /** One address, with or without a name: `Member Services <no-reply@tenure.example>`. */
  readonly from: string;
  /** Concurrent connections. */
  readonly connections: number;
  /** Default: `PATIENCE`. */
  readonly timeouts?: Partial<MailerTimeouts>;
}

/** A transient failure: the mail server could not be reached or did not accept mail. The email may still go out later. */
export class MailUnavailableError extends Error {
  override readonly name = 'MailUnavailableError';

  /** `code`: an SMTP reply code (`421`) or a network error's name (`ECONNREFUSED`). Nothing else, because it ends up in Temporal. */
  constructor(readonly code: number | string) {
    super(`The mail server did not take the message (${code})`);
  }
}

/** SMTP's code for a mailbox name that is not allowed, used for addresses that are refused before the server sees them. */
export const UNUSABLE_ADDRESS_CODE = 553;

/** An idle connection is closed after this time. */
const IDLE_MS = 15_000;

/**
 * Sends email over SMTP and reuses connections. The same email always has the same Message-ID.
 * `send` throws MailUnavailableError for every transient failure, including that all connections are busy: nothing waits in here.
 * `close` waits for messages being sent. Throws if `from` has no address.
 */
export function createMailer({ smtpUrl, from, connections, timeouts = {} }: MailerOptions): Mailer & {
  close(): void;
} {
  const sender = parseSender(from);
  const server = parseServer(smtpUrl);
  const patience = { ...PATIENCE, ...timeouts };
  const idle = new Map<SmtpSession, NodeJS.Timeout>();
  let busy = 0;
  let closed = false;

  return {
    async send(email, attempt) {
      if (!isUsableAddress(email.to)) return { kind: 'refused', smtpCode: UNUSABLE_ADDRESS_CODE };
      if (busy >= connections) throw new MailUnavailableError('EBUSY');
      busy++;
      try {
        return await sendOver(takeIdle(), email, attempt);
      } finally {
        busy--;
      }
    },

    close() {
      closed = true;
      for (const session of idle.keys()) session.quit();
    },
  };

  async function sendOver(
    kept: SmtpSession | undefined,
    email: Email,
    attempt: Attempt,
  ): Promise<SendResult> {
    const session =
      kept ??
      (await openSession(server, patience, attempt).catch((error: unknown) => {
        throw toThrow(error, attempt);
      }));
    try {
      const due = await attempt.renew(email);
      if (due === null) return { kind: 'withdrawn' };
      const mailbox = mailboxOf(due.to, session);
      if (mailbox === null) return { kind: 'refused', smtpCode: UNUSABLE_ADDRESS_CODE };
      const message = await compose(due, mailbox);
      try {
        return { kind: await session.send({ from: sender.address, to: [mailbox] }, message, attempt) };
      } catch (error) {
        // The server had closed the connection and has not seen the message.
        if (kept && !kept.isOpen() && !kept.wasHandedOver() && isLostConnection(error))
          return await sendOver(undefined, due, attempt);
        await session.reset();
        const refusal = refusalIn(error);
        if (refusal === null) throw toThrow(error, attempt);
        return refusal;
      }
    } finally {
      keep(session);
    }
  }

  function takeIdle(): SmtpSession | undefined {
    for (const [session, timer] of idle) {
      idle.delete(session);
      clearTimeout(timer);
      if (session.isOpen()) return session;
    }
    return undefined;
  }

  function keep(session: SmtpSession): void {
    if (!session.isOpen()) return;
    if (closed) return session.quit();
    const leave = (): void => {
      idle.delete(session);
      session.quit();
    };
    idle.set(session, setTimeout(leave, IDLE_MS).unref());
  }

  /** The same for each attempt except for the content; built completely in advance, so that handing it over takes no time. */
  function compose(email: Email, mailbox: string): Promise<Buffer> {
    const composer = new MailComposer({
      from: sender,
      to: { name: '', address: mailbox },
      messageId: `<${email.messageId}@${sender.domain}>`,
      subject: email.subject,
      text: email.text,
      html: email.html,
      headers: {
        'Auto-Submitted': 'auto-generated',
        'X-Auto-Response-Suppress': 'All',
        'Content-Language': email.language,
      },
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return composer.compile().build();
  }
}

function parseServer(smtpUrl: string): SmtpServer {
  const {
    host = 'localhost',
    port,
    secure = false,
    auth,
    service: _,
    ...options
  } = parseConnectionUrl(smtpUrl);
  const { authMethod } = options;
  return {
    host,
    port: port ?? (secure ? 465 : 587),
    options: { ...options, secure },
    auth: auth && { ...auth, method: typeof authMethod === 'string' ? authMethod : undefined },
  };
}

function parseSender(from: string): { name: string; address: string; domain: string } {
  const [first, ...others] = parseAddresses(from, { flatten: true });
  const [local, domain] = partsOf(first?.address ?? '');
  if (!first || !domain || others.length > 0 || !isUsableAddress(first.address)) {
    throw new Error(
      'The sender is not one email address, such as "Member Services <no-reply@tenure.example>"',
    );
  }
  if (!isAscii(local)) throw new Error('The sender’s address has letters outside ASCII before its @');
  return { name: first.name, address: `${local}@${domain}`, domain };
}

const LONGEST_ADDRESS = 254;

/**
 * One plain address that every parser reads the same way. White space, control and invisible characters and the specials
 * of RFC 5322 are refused, and so quoted local parts: no part of it can become a header, a second recipient or another command.
 */
const usableAddress = /^[^\s\p{C}()<>[\]:;@\\,"]+@[^\s\p{C}()<>[\]:;@\\,"]+$/u;

function isUsableAddress(address: string): boolean {
  return address.length <= LONGEST_ADDRESS && usableAddress.test(address);
}

const isAscii = (text: string): boolean => !/[^\x20-\x7e]/.test(text);

/** Local part and domain, the domain as A-labels; empty if it is not a valid domain. */
function partsOf(address: string): readonly [local: string, domain: string] {
  const at = address.lastIndexOf('@');
  const domain = address.slice(at + 1);
  return [address.slice(0, Math.max(0, at)), isAscii(domain) ? domain : domainToASCII(domain)];
}

/** The address in the form this server accepts. Null for non-ASCII letters before the @ without SMTPUTF8 (RFC 6531, 3.5). */
function mailboxOf(address: string, { takesUtf8 }: SmtpSession): string | null {
  const [local, domain] = partsOf(address);
  return domain !== '' && isUsableAddress(address) && (takesUtf8 || isAscii(local))
    ? `${local}@${domain}`
    : null;
}

/** nodemailer's error. Its message and `response` quote the server and the address, so they must not leave this file. */
interface SmtpFailure {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  /** The step that failed: `CONN`, `EHLO`, `AUTH ...`, `MAIL FROM`, `RCPT TO`, `DATA`. */
  readonly command?: unknown;
}

function refusalIn(error: unknown): SendResult | null {
  const failure = error as SmtpFailure;
  const { responseCode: smtpCode } = failure;
  return typeof smtpCode === 'number' && isRefusal(failure, smtpCode) ? { kind: 'refused', smtpCode } : null;
}

/** The reason of the signal that ended the attempt; otherwise only the error's code. */
function toThrow(error: unknown, { stop, giveUp }: Attempt): unknown {
  if ([stop, giveUp].some(({ aborted, reason }) => aborted && error === reason)) return error;
  const { responseCode, originalCode, code } = error as SmtpFailure;
  if (typeof responseCode === 'number') return new MailUnavailableError(responseCode);
  return new MailUnavailableError(errorName(originalCode) ?? errorName(code) ?? 'UNKNOWN');
}

/**
 * 5yz replies at RCPT or DATA that concern us or the conversation: syntax and order of commands (RFC 5321),
 * a host that accepts no mail (RFC 7504), authentication (RFC 4954). Another server, or this one once fixed, would accept the message.
 */
const aboutUs = new Set([500, 502, 503, 504, 521, 523, 524, 525, 530, 534, 535, 538]);

/** The same as enhanced status codes (RFC 3463): our sender address, the server's state, its congestion or quotas. */
const aboutUsInDetail = /^5\.(1\.[78]|3\.[25]|4\.5)$/;

/** Whether the reply is permanent for this recipient or message. Every reply before RCPT concerns us, not the message. */
function isRefusal({ command, response }: SmtpFailure, smtpCode: number): boolean {
  const isOfMessage = command === 'RCPT TO' || command === 'DATA';
  if (!isOfMessage || smtpCode < 500 || smtpCode > 599 || aboutUs.has(smtpCode)) return false;
  const detail = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(typeof response === 'string' ? response : '')?.[1];
  if (detail === undefined) return true;
  // A policy error at RCPT ("relaying denied", "client blocked") is our configuration. At DATA it is about the message.
  return !aboutUsInDetail.test(detail) && !(command === 'RCPT TO' && detail.startsWith('5.7.'));
}

/** No reply, or a server that closes the connection (421). */
function isLostConnection(error: unknown): boolean {
  const { responseCode } = error as SmtpFailure;
  return responseCode === undefined || responseCode === 421;
}

function errorName(code: unknown): string | undefined {
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : undefined;
}
