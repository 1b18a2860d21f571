/** The mails that a mail server received, as a mail program shows them. */
import PostalMime, { type Email } from 'postal-mime';
import { until } from '../stack/wait-until';
import { startMailSink, type TakenMail } from './mail-sink';
import { secret } from './secrets';

export interface Mail {
  readonly messageId: string;
  readonly subject: string;
  readonly text: string;
  readonly html: string;
  readonly language: string;
}

export interface Mailbox {
  readonly url: string;
  /** Addresses that the server permanently refuses while they are listed here. */
  readonly refused: Set<string>;
  /** All mails to `address`, in the order of receipt. */
  mailsTo(address: string): Promise<Mail[]>;
  /** Mail number `count`, once it has arrived. */
  mailTo(address: string, count?: number): Promise<Mail>;
  /** PIN number `count` sent there, once it has arrived. */
  pinTo(address: string, count?: number): Promise<string>;
  /** An outage of the mail server. Mails already received stay. */
  goDown(): Promise<void>;
  comeUp(): Promise<void>;
  stop(): Promise<unknown>;
}

/** A mail server in this process. */
export async function openMailbox(): Promise<Mailbox> {
  const taken: TakenMail[] = [];
  const refused = new Set<string>();
  const open = (port?: number) =>
    startMailSink({
      port,
      take: (mail) => void taken.push(mail),
      onRcptTo: ({ address }, _session, done) =>
        done(
          refused.has(address)
            ? Object.assign(new Error(`No way, <${address}>`), { responseCode: 550 })
            : null,
        ),
    });
  let sink = await open();
  return {
    url: sink.url,
    refused,
    ...readerOf(() => taken),
    goDown: () => sink.close(),
    comeUp: async () => void (sink = await open(sink.port)),
    stop: () => sink.close(),
  };
}

/** Reads what a mail server has received so far. */
export function readerOf(
  taken: () => readonly Pick<TakenMail, 'to' | 'raw'>[],
): Pick<Mailbox, 'mailsTo' | 'mailTo' | 'pinTo'> {
  const mailsTo = (address: string): Promise<Mail[]> =>
    Promise.all(
      taken()
        .filter(({ to }) => to.includes(address))
        .map(({ raw }) => readMail(raw)),
    );
  const numbered = async (count: number, find: () => Promise<Mail[]>): Promise<Mail> => {
    let found: Mail[] = [];
    await until(async () => (found = await find()).length >= count);
    return found[count - 1]!;
  };
  return {
    mailsTo,
    mailTo: (address, count = 1) => numbered(count, () => mailsTo(address)),
    // Notices go to the same address and may arrive at any time.
    pinTo: async (address, count = 1) =>
      pinIn(
        await numbered(count, async () => (await mailsTo(address)).filter(({ text }) => PIN_LINE.test(text))),
      ),
  };
}

/** The PIN is on a separate line. */
const PIN_LINE = /^\s*(\d{4,9})\s*$/m;

export function pinIn({ text }: Pick<Mail, 'text'>): string {
  const pin = PIN_LINE.exec(text)?.[1];
  if (pin === undefined) throw new Error('this mail holds no PIN');
  return secret(pin);
}

/** As long, and not the one. */
export const wrongPin = (pin: string): string =>
  secret(String((Number(pin) + 1) % 10 ** pin.length).padStart(pin.length, '0'));

/** Parses a mail as a mail program shows it. */
export async function readMail(raw: string): Promise<Mail> {
  const { messageId = '', subject = '', text = '', html = '', headers }: Email = await PostalMime.parse(raw);
  const language = headers.find(({ key }) => key === 'content-language')?.value ?? '';
  return { messageId, subject, text, html, language };
}
