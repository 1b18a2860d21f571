/** A real SMTP server that takes every message and remembers what a bench has to know of it. */
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

export interface MailSink {
  readonly url: string;
  /** The PIN of the email to this address, as soon as it has come. */
  pinFor(address: string): Promise<string>;
  /** Accepts no email from now on, and lets every conversation stand; or accepts them again, those that wait first. */
  hold(isHeld: boolean): void;
  /** So many emails of each kind have come. */
  counts(): { readonly pins: number; readonly notices: number };
  stop(): Promise<void>;
}

/** The email's text has the PIN on a line of its own. */
const pinLine = /^ +(\d{4,8})\r?$/m;

export async function startMailSink(): Promise<MailSink> {
  const arrived = new Map<string, string>();
  const awaited = new Map<string, (pin: string) => void>();
  let [pins, notices] = [0, 0];
  let isHolding = false;
  const held: (() => void)[] = [];

  const take = (address: string, raw: string): void => {
    const pin = /^Message-ID: <pin\./im.test(raw) ? pinLine.exec(raw)?.[1] : undefined;
    if (pin === undefined) {
      notices += 1;
      return;
    }
    pins += 1;
    const waiting = awaited.get(address);
    if (waiting) waiting(pin);
    else arrived.set(address, pin);
    awaited.delete(address);
  };

  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    onData(stream, { envelope }, done) {
      const chunks: Buffer[] = [];
      stream.on('data', (chunk: Buffer) => chunks.push(chunk));
      stream.on('end', () => {
        const accept = (): void => {
          done();
          const raw = Buffer.concat(chunks).toString('utf8');
          for (const { address } of envelope.rcptTo) take(address.toLowerCase(), raw);
        };
        if (isHolding) held.push(accept);
        else accept();
      });
    },
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;

  return {
    url: `smtp://127.0.0.1:${port}`,
    pinFor(address) {
      const pin = arrived.get(address);
      if (pin === undefined) return new Promise((resolve) => awaited.set(address, resolve));
      arrived.delete(address);
      return Promise.resolve(pin);
    },
    hold(isHeld) {
      isHolding = isHeld;
      if (!isHeld) for (const accept of held.splice(0)) accept();
    },
    counts: () => ({ pins, notices }),
    stop: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
