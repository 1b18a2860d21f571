/** `GET /metrics` on a separate listener for the scraper, never on the API's port. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';

export interface MetricsServer {
  readonly port: number;
  stop(): Promise<void>;
}

/** Listens on `address` (host:port). Rejects if it is in use. */
export async function serveMetrics(registry: Registry, address: string): Promise<MetricsServer> {
  const [, host = '', port = ''] = /^(.+):(\d+)$/.exec(address) ?? [];
  const server = createServer(answerFrom(registry)).listen(Number(port), host);
  await once(server, 'listening');
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
}

function answerFrom(registry: Registry): RequestListener {
  return (req, res) => {
    if (req.url !== '/metrics' || req.method !== 'GET') {
      res.writeHead(404).end();
      return;
    }
    registry.metrics().then(
      (text) => res.writeHead(200, { 'content-type': registry.contentType }).end(text),
      () => res.writeHead(500).end(),
    );
  };
}
