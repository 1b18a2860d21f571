/** A real SMTP server in a killable process, and everything it ever accepted. */
import { EventEmitter, once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { freePort } from '../stack/ports';
import { readerOf, type Mailbox } from '../system/mailbox';
import { NodeProcess } from '../system/node-process';

export interface TakenMail {
  readonly id: string;
  readonly atMs: number;
  readonly to: readonly string[];
  /** The Message-ID's local part: the ledger's id. */
  readonly messageId: string;
  readonly raw: string;
}

/** How long a server that will be killed between an email and its answer waits for an email. */
const AIM_WITHIN_MS = 5_000;

export type MailServer = Awaited<ReturnType<typeof startMailServer>>;

export async function startMailServer(folder: string, signal: AbortSignal) {
  const file = join(folder, 'mail.jsonl');
  await writeFile(file, '');
  const port = await freePort();
  const said = new EventEmitter();
  const server = new NodeProcess({
    name: 'the mail server',
    script: join(__dirname, 'mail-server-process.ts'),
    args: [file, String(port)],
    signal,
    onMessage: () => void said.emit('holds'),
  });

  const mails: TakenMail[] = [];
  const answered = new Set<string>();
  const read = readLines(file, (line) => {
    const entry = parsed(line);
    if (entry === null) return;
    if (entry.answered !== undefined) answered.add(entry.answered);
    else mails.push({ ...entry, messageId: messageIdIn(entry.raw) });
  });
  const taken = (): readonly TakenMail[] => {
    read();
    return mails;
  };
  const mailbox: Mailbox = {
    url: `smtp://127.0.0.1:${port}`,
    refused: new Set(),
    ...readerOf(taken),
    goDown: () => server.kill(),
    comeUp: () => server.start(),
    stop: () => server.stop(),
  };

  await server.start();
  return {
    server,
    mailbox,
    /** In the order of receipt, whether or not they were answered. */
    taken,
    wasAnswered: ({ id }: TakenMail): boolean => answered.has(id),

    /** Killed after receiving an email and before answering, if one comes. */
    async killBeforeAnswer(): Promise<void> {
      if (!server.isRunning) return;
      const holds = once(said, 'holds');
      server.signal('SIGUSR2');
      await Promise.race([holds, sleep(AIM_WITHIN_MS)]);
      await server.kill();
    },
  };
}

type Entry = Omit<TakenMail, 'messageId'> & { readonly answered?: string };

/** Null for an empty or partial line: an email that the server was writing when it was killed, and so never answered. */
function parsed(line: string): Entry | null {
  try {
    return line === '' ? null : (JSON.parse(line) as Entry);
  } catch {
    return null;
  }
}

const messageIdIn = (raw: string): string => /^Message-ID:\s*<([^@>]+)@/im.exec(raw)?.[1] ?? '';

/** Returns each complete line appended since the last call. */
function readLines(file: string, onLine: (line: string) => void): () => void {
  const buffer = Buffer.alloc(256 * 1024);
  let offset = 0;
  let rest = Buffer.alloc(0);
  return () => {
    const descriptor = openSync(file, 'r');
    try {
      for (;;) {
        const length = readSync(descriptor, buffer, 0, buffer.length, offset);
        if (length === 0) return;
        offset += length;
        rest = Buffer.concat([rest, buffer.subarray(0, length)]);
        for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
          const line = rest.subarray(0, end).toString('utf8');
          rest = rest.subarray(end + 1);
          onLine(line);
        }
      }
    } finally {
      closeSync(descriptor);
    }
  };
}
