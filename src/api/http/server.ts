/** The listener in front of the application, and the time limits for clients. */
import { createServer, type RequestListener, type Server } from 'node:http';

export interface ClientLimits {
  /** For a whole request, for its headers alone, and for the next request on an open connection; milliseconds. */
  readonly requestMs: number;
  readonly headersMs: number;
  readonly keepAliveMs: number;
  /** How often slow clients are checked for. */
  readonly checkEveryMs: number;
  readonly maxHeaders: number;
}

const CLIENT_LIMITS: ClientLimits = {
  requestMs: 30_000,
  headersMs: 15_000,
  keepAliveMs: 5_000,
  checkEveryMs: 5_000,
  maxHeaders: 100,
};

/** Does not listen yet. A client slower than `limits` gets 408; too large a header gets 431. */
export function createHttpServer(app: RequestListener, limits: ClientLimits = CLIENT_LIMITS): Server {
  const server = createServer(
    {
      requestTimeout: limits.requestMs,
      headersTimeout: limits.headersMs,
      keepAliveTimeout: limits.keepAliveMs,
      connectionsCheckingInterval: limits.checkEveryMs,
    },
    app,
  );
  server.maxHeadersCount = limits.maxHeaders;
  return server;
}
