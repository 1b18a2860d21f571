import type { AddressInfo } from 'node:net';
import { buffer } from 'node:stream/consumers';
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';

export interface TakenMail {
  readonly from: string;
  readonly to: readonly string[];
  readonly raw: string;
}

export interface MailSinkOptions extends SMTPServerOptions {
  /** A free port if absent. */
  readonly port?: number | undefined;
  /** Called with each mail, which is accepted once this resolves. */
  take(this: void, mail: TakenMail): Promise<void> | void;
}

/** A real SMTP server on 127.0.0.1 that accepts every mail, for any recipient. */
export async function startMailSink({ port = 0, take, ...options }: MailSinkOptions) {
  const server = new SMTPServer({
    disabledCommands: ['STARTTLS'],
    authOptional: true,
    disableReverseLookup: true,
    // When the server closes, a client's idle connection ends at once.
    closeTimeout: 50,
    onData(stream, { envelope: { mailFrom, rcptTo } }, done) {
      const receive = async (): Promise<void> =>
        take({
          from: mailFrom ? mailFrom.address : '',
          to: rcptTo.map(({ address }) => address),
          raw: (await buffer(stream)).toString('utf8'),
        });
      receive().then(
        () => process.nextTick(done, null),
        (error: unknown) => process.nextTick(done, error),
      );
    },
    ...options,
  });
  server.on('error', () => {});
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const bound = (server.server.address() as AddressInfo).port;
  return {
    url: `smtp://127.0.0.1:${bound}`,
    port: bound,
    close: () => new Promise<void>((resolve) => server.close(resolve)),
  };
}
