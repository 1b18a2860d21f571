/** The listener of a process that answers HTTP. */
import type { AddressInfo } from 'node:net';
import type { Express } from 'express';
import { createHttpServer } from '../api/http/server';

/** Rejects if the port is in use. `close` resolves when the requests in progress are answered. */
export async function listen(
  app: Express,
  { port, listenHost }: { readonly port: number; readonly listenHost?: string | undefined },
): Promise<{ readonly port: number; close(): Promise<void> }> {
  const server = createHttpServer(app);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject).listen({ port, host: listenHost }, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeIdleConnections();
      await closed;
    },
  };
}
