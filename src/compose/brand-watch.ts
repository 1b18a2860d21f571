import type { Logger } from 'pino';
import type { Brand } from '../adapters/brand/load-brand';
import { watchBrand, type BrandedProcess } from '../adapters/postgres/brand-records';
import type { Database } from '../adapters/postgres/database';

/** Notes this process's brand, and says in the log when others have another one. Returns how to stop. */
export const watchOtherBrands = (
  process: BrandedProcess,
  { folder, fingerprint }: Brand,
  { database, logger }: { readonly database: Database; readonly logger: Logger },
): (() => void) =>
  watchBrand(
    database.pool,
    { process, fingerprint },
    {
      onChange: (others) =>
        others.length === 0
          ? logger.info('all processes have the same brand again')
          : logger.warn({ folder, others }, 'other processes were started with another brand (TENURE_BRAND)'),
    },
  );
