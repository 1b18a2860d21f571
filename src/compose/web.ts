/** Builds the pages with a real API client. */
import { randomUUID } from 'node:crypto';
import type { Express } from 'express';
import type { Logger } from 'pino';
import type { Brand } from '../adapters/brand/load-brand';
import { createKeyring } from '../adapters/keys/keyring';
import { requestId, requestLog } from '../api/http/middleware/request-log';
import type { WebConfig } from '../config';
import type { RequestObserver } from '../ports/request';
import { createApiClient } from '../web/api-client';
import { createWebApp } from '../web/app';
import { createAssets } from '../web/assets';
import { createFacts } from '../web/facts';
import { createViews } from '../web/views';

/** Ready to listen. */
export function composeWeb({
  config: { apiUrl, cookieKeys, trustProxy, maintenance },
  brand: { texts, viewFolders, css, logo },
  logger,
  observers,
  clock,
}: {
  readonly config: WebConfig;
  readonly brand: Brand;
  readonly logger: Logger;
  readonly observers: readonly RequestObserver[];
  readonly clock: () => number;
}): Express {
  const assets = createAssets({ css, logo });
  return createWebApp({
    send: createApiClient(apiUrl),
    facts: createFacts(clock),
    views: createViews({ folders: viewFolders, texts, assets: assets.addresses }),
    assets,
    texts,
    seals: createKeyring(cookieKeys),
    logger,
    requestLog: [requestId(randomUUID), requestLog({ logger, observers })],
    trustProxy,
    maintenance,
  });
}
