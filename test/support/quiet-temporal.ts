import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Tests make activities fail and histories differ on purpose: only what nobody expected is worth reading. */
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
});
