import { createTransport } from 'nodemailer';
import parseAddresses from 'nodemailer/lib/addressparser';
import type { Mailer, SendResult } from '../activities/ports';

export interface MailerTimeouts {
  /** Until the connection stands; 10 s unless told. */
  readonly connectionMs: number;
  /** From there until the server greets; 10 s unless told. */
  readonly greetingMs: number;
  /** Longest silence in a conversation; 20 s unless told. */
  readonly socketMs: number;
}

export interface MailerOptions {
  /** `smtp://` takes TLS when the server offers it, `?requireTLS=true` insists on it, `smtps://` begins with it. */
  readonly smtpUrl: string;
  /** One address, with or without a name: `Member Services <no-reply@tenure.example>`. */
  readonly from: string;
  /** Connections at a time; 5 unless told. */
  readonly pool?: number;
  readonly timeouts?: Partial<MailerTimeouts>;
}

/** The mail server could not be reached or would not take mail from us just now: the email may still go out later. */
export class MailUnavailableError extends Error {
  override readonly name = 'MailUnavailableError';

  /** `code`: an SMTP reply code (`421`) or a network error's name (`ECONNREFUSED`). Carries nothing else: it ends up in Temporal. */
  constructor(readonly code: number | string) {
    super(`The mail server did not take the message (${code})`);
  }
}

/** SMTP's own code for a mailbox name that is not allowed, given to addresses that are refused before any server sees them. */
export const UNUSABLE_ADDRESS_CODE = 553;

/**
 * Sends email over SMTP, on pooled connections. The same email has the same Message-ID however often it is sent.
 * `send` throws MailUnavailableError for everything that may pass; `close` lets messages under way finish.
 * Throws when `from` holds no address.
 */
export function createMailer({ smtpUrl, from, pool = 5, timeouts = {} }: MailerOptions): Mailer & {
  close(): void;
} {
  const sender = parseSender(from);
  const transport = createTransport(
    {
      url: smtpUrl,
      pool: true,
      maxConnections: pool,
      // Whoever calls decides about retries; here a message is tried once.
      maxRequeues: 0,
      connectionTimeout: timeouts.connectionMs ?? 10_000,
      dnsTimeout: timeouts.connectionMs ?? 10_000,
      greetingTimeout: timeouts.greetingMs ?? 10_000,
      socketTimeout: timeouts.socketMs ?? 20_000,
      idleTimeout: 15_000,
      // Whatever the URL says: a conversation holds addresses and PINs.
      logger: false,
      debug: false,
    },
    { disableFileAccess: true, disableUrlAccess: true },
  );
  return {
    async send(email) {
      if (!isUsableAddress(email.to)) return { kind: 'refused', smtpCode: UNUSABLE_ADDRESS_CODE };
      try {
        await transport.sendMail({
          from: sender,
          to: { name: '', address: email.to },
          messageId: `<${email.messageId}@${sender.domain}>`,
          subject: email.subject,
          text: email.text,
          html: email.html,
          headers: {
            'Auto-Submitted': 'auto-generated',
            'X-Auto-Response-Suppress': 'All',
            'Content-Language': email.language,
          },
        });
        return { kind: 'accepted' };
      } catch (error) {
        return refusalOrThrow(error);
      }
    },
    close: () => transport.close(),
  };
}

function parseSender(from: string): { name: string; address: string; domain: string } {
  const [first, ...others] = parseAddresses(from, { flatten: true });
  const domain = first?.address.split('@').at(-1);
  if (!first || !domain || others.length > 0 || !isUsableAddress(first.address)) {
    throw new Error(
      'The sender is not one email address, such as "Member Services <no-reply@tenure.example>"',
    );
  }
  return { name: first.name, address: first.address, domain };
}

const LONGEST_ADDRESS = 254;

/**
 * One plain address that every parser reads the same way. White space, control and invisible characters and the specials
 * of RFC 5322 are out, so nothing of it can become a header, a second recipient or another command; with them the quoted local parts.
 */
const usableAddress = /^[^\s\p{C}()<>[\]:;@\\,"]+@[^\s\p{C}()<>[\]:;@\\,"]+$/u;

function isUsableAddress(address: string): boolean {
  return address.length <= LONGEST_ADDRESS && usableAddress.test(address);
}

/** What nodemailer tells about a failure. Its message and `response` quote the server and the address: they stay here. */
interface SmtpFailure {
  readonly code?: unknown;
  readonly originalCode?: unknown;
  readonly responseCode?: unknown;
  readonly response?: unknown;
  /** The step that failed: `CONN`, `EHLO`, `AUTH ...`, `MAIL FROM`, `RCPT TO`, `DATA`. */
  readonly command?: unknown;
}

function refusalOrThrow(error: unknown): SendResult {
  const failure = error as SmtpFailure;
  if (typeof failure.responseCode === 'number') {
    if (isRefusal(failure, failure.responseCode)) return { kind: 'refused', smtpCode: failure.responseCode };
    throw new MailUnavailableError(failure.responseCode);
  }
  throw new MailUnavailableError(errorName(failure.originalCode) ?? errorName(failure.code) ?? 'UNKNOWN');
}

/**
 * 5yz replies that are about us or the conversation, though given at RCPT or DATA: syntax and order of commands (RFC 5321),
 * a host that takes no mail (RFC 7504), authentication (RFC 4954). Another server, or this one set right, would take the message.
 */
const aboutUs = new Set([500, 502, 503, 504, 521, 523, 524, 525, 530, 534, 535, 538]);

/** The same told by enhanced status codes (RFC 3463): our sender address, the server's state, its congestion or quotas. */
const aboutUsInDetail = /^5\.(1\.[78]|3\.[25]|4\.5)$/;

/** Whether the reply is for good, for this recipient or this message. Everything before RCPT concerns us, not the message. */
function isRefusal({ command, response }: SmtpFailure, smtpCode: number): boolean {
  const isOfMessage = command === 'RCPT TO' || command === 'DATA';
  if (!isOfMessage || smtpCode < 500 || smtpCode > 599 || aboutUs.has(smtpCode)) return false;
  const detail = /^\d{3}[ -](5\.\d{1,3}\.\d{1,3})\b/.exec(typeof response === 'string' ? response : '')?.[1];
  if (detail === undefined) return true;
  // Policy at RCPT is "relaying denied" or "client blocked": our configuration. At DATA it judges the message.
  return !aboutUsInDetail.test(detail) && !(command === 'RCPT TO' && detail.startsWith('5.7.'));
}

function errorName(code: unknown): string | undefined {
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,40}$/.test(code) ? code : undefined;
}
