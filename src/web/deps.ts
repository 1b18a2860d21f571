import type { RequestHandler } from 'express';
import type { Logger } from 'pino';
import type { TokenDigests } from '../ports/keys';
import type { Texts } from '../ports/texts';
import type { Assets } from './assets';
import type { SendCall } from './api-client';
import type { Facts } from './facts';
import type { Views } from './views';

/** What the pages are made of. */
export interface WebDeps {
  readonly send: SendCall;
  readonly facts: Facts;
  readonly views: Views;
  readonly assets: Assets;
  readonly texts: Texts;
  /** Of cookies. */
  readonly seals: Pick<TokenDigests, 'seal' | 'open'>;
  readonly logger: Logger;
  /** Gives each request its id, and writes a line about it. */
  readonly requestLog: readonly RequestHandler[];
  readonly trustProxy: boolean | number | string;
  /** Everybody is told that the portals are being worked on. */
  readonly maintenance: boolean;
}
