/** What Mailpit received, by its API. */
import { createJsonClient } from '../system/json-client';
import { pinIn } from '../system/mailbox';
import { until } from '../stack/wait-until';

interface Summary {
  readonly ID: string;
}

export type Inbox = ReturnType<typeof openInbox>;

export function openInbox(port: number) {
  const { call, close } = createJsonClient(port, { keepAlive: false });

  /** The texts of all mails to an address, the newest first. */
  async function textsTo(address: string): Promise<string[]> {
    const found = await call('GET', `/api/v1/search?query=${encodeURIComponent(`to:"${address}"`)}`);
    const texts: string[] = [];
    for (const { ID } of found.body.messages as Summary[])
      texts.push((await call('GET', `/api/v1/message/${ID}`)).body.Text as string);
    return texts;
  }

  const pinsTo = async (address: string): Promise<string[]> =>
    (await textsTo(address)).flatMap((text) => {
      try {
        return [pinIn({ text })];
      } catch {
        // Another kind of email.
        return [];
      }
    });

  return {
    pinsTo,

    /** The newest PIN, once it has arrived. */
    async pinTo(address: string): Promise<string> {
      let [pin] = await pinsTo(address);
      await until(async () => ([pin] = await pinsTo(address)).length > 0);
      return pin ?? '';
    },

    close,
  };
}
