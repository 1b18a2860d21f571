import { randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import PostalMime, { type Address, type Email } from 'postal-mime';
import { writeFileAtomically } from './atomic-file';

/** One mail in the list. */
export interface MessageSummary {
  /** Sorts by time of receipt. */
  readonly id: string;
  /** The Message-ID header, with its angle brackets; empty when there is none. */
  readonly messageId: string;
  readonly from: string;
  readonly to: readonly string[];
  readonly subject: string;
  /** ISO 8601, UTC. */
  readonly receivedAt: string;
}

/** One mail in full. */
export interface Message extends MessageSummary {
  readonly text: string;
  /** Empty when the mail has no HTML part. */
  readonly html: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
}

export interface Envelope {
  readonly mailFrom: string;
  readonly recipients: readonly string[];
}

export interface InboxStore {
  /** Newest first; `to` filters by recipient, ignoring case. */
  list(to?: string): readonly MessageSummary[];
  find(id: string): Promise<Message | undefined>;
  add(raw: Buffer, envelope: Envelope): Promise<MessageSummary>;
  clear(): Promise<void>;
}

interface Entry {
  readonly summary: MessageSummary;
  /** The recipients in header and envelope, in lower case. */
  readonly recipients: ReadonlySet<string>;
  /** Resolves when the file is written; the mail is listed earlier. */
  readonly written?: Promise<void>;
}

const suffix = '.eml';

/** Opens a folder of .eml files, one per mail, as an inbox that keeps the newest `capacity` of them. */
export async function openInboxStore(folder: string, capacity = 1_000): Promise<InboxStore> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const entries = new Map<string, Entry>();
  const pathOf = (id: string) => join(folder, id + suffix);
  for (const file of (await readdir(folder)).filter((name) => name.endsWith(suffix)).toSorted()) {
    const id = file.slice(0, -suffix.length);
    entries.set(id, summarise(id, await PostalMime.parse(await readFile(pathOf(id)))));
  }
  await dropOldest();

  async function dropOldest(): Promise<void> {
    for (const id of [...entries.keys()].slice(0, Math.max(0, entries.size - capacity))) {
      entries.delete(id);
      await rm(pathOf(id), { force: true });
    }
  }

  return {
    list(to) {
      const wanted = to?.trim().toLowerCase();
      return [...entries.values()]
        .filter(({ recipients }) => wanted === undefined || recipients.has(wanted))
        .map(({ summary }) => summary)
        .toReversed();
    },

    async find(id) {
      await entries.get(id)?.written?.catch(() => undefined);
      const entry = entries.get(id);
      if (!entry) return undefined;
      const email = await PostalMime.parse(await readFile(pathOf(id)));
      return {
        ...entry.summary,
        text: email.text ?? '',
        html: email.html ?? '',
        headers: email.headers.map(({ originalKey, value }) => ({ name: originalKey, value })),
      };
    },

    async add(raw, envelope) {
      const id = nextId(entries);
      // The two headers in which a mail server records the envelope on delivery.
      const delivery = [
        `Return-Path: <${envelope.mailFrom}>`,
        ...envelope.recipients.map((to) => `Delivered-To: ${to}`),
      ];
      const stored = Buffer.concat([Buffer.from(`${delivery.join('\r\n')}\r\n`), raw]);
      const entry = summarise(id, await PostalMime.parse(stored));
      // Added to the list at once, so that two simultaneous mails keep their order and get different ids.
      const written = writeFileAtomically(pathOf(id), stored, 0o600).catch((error: unknown) => {
        entries.delete(id);
        throw error;
      });
      entries.set(id, { ...entry, written });
      await written;
      await dropOldest();
      return entry.summary;
    },

    async clear() {
      const ids = [...entries.keys()];
      entries.clear();
      await Promise.all(ids.map((id) => rm(pathOf(id), { force: true })));
    },
  };
}

/** Ids contain the time of receipt, which file systems do not preserve reliably, and sort in that order. */
function nextId(entries: ReadonlyMap<string, Entry>): string {
  const last = Number([...entries.keys()].at(-1)?.split('-')[0] ?? 0);
  const receivedAtMs = Math.max(Date.now(), last + 1);
  return `${String(receivedAtMs).padStart(14, '0')}-${randomBytes(4).toString('hex')}`;
}

function summarise(id: string, email: Email): Entry {
  const to = addressesOf(email.to);
  const delivered = email.headers.filter(({ key }) => key === 'delivered-to').map(({ value }) => value);
  return {
    summary: {
      id,
      messageId: email.messageId ?? '',
      from: email.from ? display(email.from) : '',
      to: to.length > 0 ? to : delivered,
      subject: email.subject ?? '',
      receivedAt: new Date(Number(id.split('-')[0])).toISOString(),
    },
    recipients: new Set([...to, ...delivered].map((address) => address.trim().toLowerCase())),
  };
}

function addressesOf(addresses: readonly Address[] | undefined): string[] {
  return (addresses ?? [])
    .flatMap((entry) => (entry.group ? addressesOf(entry.group) : [entry.address ?? '']))
    .filter(Boolean);
}

function display({ name, address }: Address): string {
  if (!address) return name;
  return name ? `${name} <${address}>` : address;
}
