import { DefaultLogger, Runtime } from '@temporalio/worker';

/** Tests make activities fail and histories differ on purpose: log only unexpected errors. */
Runtime.install({
  logger: new DefaultLogger('ERROR'),
  telemetryOptions: { logging: { filter: { core: 'ERROR', other: 'ERROR' } } },
});
