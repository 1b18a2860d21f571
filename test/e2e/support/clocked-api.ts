/** The API as it is put together, in this process and with a clock of the test's own, on the port that the portal's calls go to. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { pino } from 'pino';
import { composeApi } from '../../../src/compose/api';
import type { Portal } from './portal';

/** Answers the calls of `portal`, with `clock` for all that it compares with a date. */
export async function startClockedApi(
  portal: Portal,
  clock: () => number,
): Promise<{ stop(): Promise<void> }> {
  const app = await composeApi({ ...portal, clock, logger: pino({ level: 'silent' }) });
  const server = createServer(app).listen(portal.config.port, '127.0.0.1');
  await once(server, 'listening');
  return {
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
