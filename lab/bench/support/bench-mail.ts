import { startMailSink } from '../../system/mail-sink';

export interface BenchMail {
  readonly url: string;
  /** The PIN of the email to this address, once it has arrived. */
  pinFor(address: string): Promise<string>;
  /** Stops accepting email and leaves every conversation hanging; or accepts again, waiting ones first. */
  hold(isHeld: boolean): void;
  /** How many emails of each kind have arrived. */
  counts(): { readonly pins: number; readonly notices: number };
  close(): Promise<void>;
}

/** The email's text has the PIN on a separate line. */
const pinLine = /^ +(\d{4,8})\r?$/m;

/** A mail server that stores only what a bench needs, and no email. */
export async function startBenchMail(): Promise<BenchMail> {
  const arrived = new Map<string, string>();
  const awaited = new Map<string, (pin: string) => void>();
  let [pins, notices] = [0, 0];
  let isHolding = false;
  const held: (() => void)[] = [];

  const note = (address: string, raw: string): void => {
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

  const { url, close } = await startMailSink({
    async take({ to, raw }) {
      if (isHolding) await new Promise<void>((resolve) => held.push(resolve));
      for (const address of to) note(address.toLowerCase(), raw);
    },
  });

  return {
    url,
    close,
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
  };
}
