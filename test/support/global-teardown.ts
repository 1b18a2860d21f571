import { rmSync } from 'node:fs';

/** Nothing of a test run is kept, so the servers are killed without a graceful shutdown. */
export default async function globalTeardown(): Promise<void> {
  await Promise.all((globalThis.tenureTestServers ?? []).map((server) => server.kill()));
  rmSync(globalThis.tenureTestHome, { recursive: true, force: true });
}
