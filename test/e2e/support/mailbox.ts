/** A real SMTP server of the test, and the mails in it as a mail program shows them. */
import PostalMime, { type Email } from 'postal-mime';
import { secret } from '../../support/secrets';
import { smtpError, startSmtpServer } from '../../support/smtp-servers';
import { until } from '../../support/until';

export interface Mail {
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly language: string;
}

export type Mailbox = Awaited<ReturnType<typeof openMailbox>>;

/** Takes mail for everybody but the addresses in `refused`. `goDown` and `comeUp` are an outage of the mail server; what it has taken stays. */
export async function openMailbox() {
  const received: { to: readonly string[]; raw: string }[] = [];
  const refused = new Set<string>();
  const open = (port?: number) =>
    startSmtpServer({
      onRcptTo: ({ address }, _session, done) => done(refused.has(address) ? smtpError(550) : null),
      ...(port === undefined ? {} : { port }),
    });
  let server = await open();
  const { url, port } = server;

  /** All mails to `address`, in the order of receipt. */
  async function mailsTo(address: string): Promise<Mail[]> {
    const own = [...received, ...server.received].filter(({ to }) => to.includes(address));
    return Promise.all(own.map(async ({ raw }) => readMail(await PostalMime.parse(raw))));
  }

  /** The mail number `count`, once it is there. */
  async function mailTo(address: string, count = 1): Promise<Mail> {
    await until(async () => (await mailsTo(address)).length >= count);
    return (await mailsTo(address))[count - 1]!;
  }

  return {
    url,
    /** Addresses that the server refuses for good, while they are in here. */
    refused,
    mailsTo,
    mailTo,
    /** The PIN number `count` that came there, once it is there. */
    async pinTo(address: string, count = 1): Promise<string> {
      // Notices come to the same address, whenever they come.
      let withPin: Mail[] = [];
      await until(async () => {
        withPin = (await mailsTo(address)).filter(({ text }) => PIN_LINE.test(text));
        return withPin.length >= count;
      });
      return pinIn(withPin[count - 1]!);
    },
    async goDown(): Promise<void> {
      received.push(...server.received);
      server.received.length = 0;
      await server.close();
    },
    async comeUp(): Promise<void> {
      server = await open(port);
    },
  };
}

/** The PIN stands on a line of its own. */
const PIN_LINE = /^\s*(\d{4})\s*$/m;

export function pinIn({ text }: Pick<Mail, 'text'>): string {
  const pin = PIN_LINE.exec(text)?.[1];
  if (pin === undefined) throw new Error('this mail holds no PIN');
  return secret(pin);
}

/** As a mail program shows it. */
export function readMail({ messageId, subject, text, html, headers }: Email): Mail {
  const language = headers.find(({ key }) => key === 'content-language')?.value ?? '';
  return { messageId: messageId ?? '', subject: subject ?? '', text: text ?? '', html: html ?? '', language };
}
