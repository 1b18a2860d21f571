import './global-setup';

export default async function globalTeardown(): Promise<void> {
  for (const server of globalThis.tenureTestServers ?? []) await server.stop();
}
