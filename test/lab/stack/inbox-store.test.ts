import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { openInboxStore } from '../../../lab/stack/inbox-store';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'tenure-inbox-store-'));
});
afterEach(() => rm(folder, { recursive: true }));

const mail = (subject: string): Buffer =>
  Buffer.from(`From: a@example.com\r\nTo: b@example.com\r\nSubject: ${subject}\r\n\r\nHello\r\n`);
const envelope = { mailFrom: 'a@example.com', recipients: ['b@example.com'] };

it('A mail can be read as soon as it is listed, even while its file is being written', async () => {
  const store = await openInboxStore(folder);
  for (const subject of ['one', 'two', 'three', 'four', 'five']) {
    const adding = store.add(mail(subject), envelope);
    while (store.list()[0]?.subject !== subject) await nextTurn();

    const shown = await store.find(store.list()[0]!.id);

    expect(shown).toMatchObject({ subject, text: 'Hello\n' });
    await adding;
  }
});

it('A mail that could not be stored is not listed', async () => {
  const store = await openInboxStore(folder);
  await rm(folder, { recursive: true });

  await expect(store.add(mail('lost'), envelope)).rejects.toThrow(/ENOENT/);
  expect(store.list()).toEqual([]);

  folder = await mkdtemp(join(tmpdir(), 'tenure-inbox-store-'));
});
