/** The worker process: runs workflows and activities. Start as many as are needed. */
import './signals';
import { join } from 'node:path';
import { Connection, type Client } from '@temporalio/client';
import {
  NativeConnection,
  Runtime,
  Worker,
  type PrometheusMetricsExporter,
  type WorkerOptions,
} from '@temporalio/worker';
import type { Logger } from 'pino';
import { announceNotedChanges } from './activities/noted-changes';
import { endTerminatedAgents } from './activities/agent-terminations';
import { announceUntoldChanges } from './activities/untold-changes';
import { refuseBrokenPromises } from './adapters/brand/kept-promises';
import { loadBrand } from './adapters/brand/load-brand';
import { createAccountChanges } from './adapters/postgres/account-changes';
import { createAgentTerminations } from './adapters/postgres/agent-terminations';
import { createDatabase } from './adapters/postgres/database';
import { keepHouse } from './adapters/postgres/housekeeping';
import { createNoticeStarter } from './adapters/temporal/notice-starter';
import { claimKeyIdsOnceReachable } from './adapters/postgres/key-fingerprints';
import { createKeyring } from './adapters/keys/keyring';
import { createLogger } from './adapters/telemetry/logger';
import { createMailer } from './adapters/mail/mailer';
import { createDataConverter } from './adapters/temporal/payload-codec';
import { ensureRotationSchedule } from './adapters/temporal/rotation-schedule';
import { clientOver, connectionOptions, ensureSearchAttributes } from './adapters/temporal/connection';
import { onceTemporalAnswers } from './adapters/temporal/once-reachable';
import { temporalLogger } from './adapters/temporal/logger';
import { composeActivities } from './compose/activities';
import { watchOtherBrands } from './compose/brand-watch';
import { keysOf, loadWorkerConfig, type WorkerConfig } from './config';
import { mailQueue, WORKFLOW_BUNDLE } from './contracts/task-queue';
import { unitDay } from './domain/plan-change/deadlines';
import { PACKAGE_VERSION } from './contracts/version';
import { reportReady } from './compose/supervisor-channel';
import { runProcess } from './compose/run-process';
import { traceWhereSet } from './compose/tracing';

const HOUSEKEEPING_EVERY_MS = 5 * 60_000;
const NOTED_CHANGES_EVERY_MS = 30_000;
const UNTOLD_CHANGES_EVERY_MS = 60_000;
const TERMINATED_AGENTS_EVERY_MS = 60_000;
/** After the grace time, so long until what still runs is given up. */
const FORCE_AFTER_GRACE_MS = 5_000;
/** At the start: Temporal is away if it takes longer. New search attributes take up to half a minute to be seen. */
const ANSWER_WITHIN_MS = 3_000;
const PREPARE_WITHIN_MS = 60_000;

void runProcess('worker', async () => {
  const config = loadWorkerConfig(process.env);
  const brand = loadBrand(config.brandFolder);
  const logger = createLogger(config.logLevel, 'worker');
  Runtime.install({
    logger: temporalLogger(logger),
    // Signals are this process's to handle: it stops the worker first, then what the worker uses.
    shutdownSignals: [],
    telemetryOptions: {
      logging: { forward: {}, filter: { core: 'WARN', other: 'WARN' } },
      ...(config.metricsAddress ? { metrics: { prometheus: prometheusAt(config.metricsAddress) } } : {}),
    },
  });

  const database = createDatabase(config);
  await claimKeyIdsOnceReachable(database.pool, keysOf(config), () =>
    logger.warn('the database cannot be reached: the worker waits for it'),
  );
  await refuseBrokenPromises(database.pool, brand);
  // Through a connection of its own: the SDK's own runtime ends, and its metrics with it, when a worker's connection fails.
  await onceTemporalAnswers(
    () => prepareTemporal(config, logger),
    (reason) => logger.warn({ error: String(reason) }, 'Temporal cannot be reached: the worker waits for it'),
  );
  const connection = await NativeConnection.connect(connectionOptions(config.temporal));
  const keyring = createKeyring(config.peppers);
  const tracing = await traceWhereSet(config, 'tenure-worker');
  const client = clientOver(connection, config.temporal, tracing ? [tracing.clientInterceptor] : []);
  const { taskQueue } = config.temporal;
  const mailer = createMailer({
    smtpUrl: config.smtpUrl,
    from: config.mailFrom,
    connections: config.mailSlots,
  });
  if (config.smtpPlaintext) {
    logger.warn('emails may go to the mail server unencrypted, PINs among them (SMTP_ALLOW_PLAINTEXT)');
  }
  const activities = composeActivities({
    config,
    brand,
    database,
    keyring,
    client,
    mailer,
    mailSlots: config.mailSlots,
    clock: Date.now,
    eager: true,
  });

  const common = {
    connection,
    activities,
    ...commonOptions(config),
    ...(tracing ? { interceptors: { activity: [tracing.activityInterceptors] } } : {}),
  };
  const workers = [
    await Worker.create({ ...common, ...runOptions(config) }),
    await Worker.create({ ...common, ...mailOptions(config) }),
  ];
  const running = Promise.all(workers.map((worker) => worker.run()));
  const every = (ms: number, name: string, work: () => Promise<unknown>): NodeJS.Timeout =>
    setInterval(() => {
      work().catch((error: unknown) => logger.warn({ error: String(error) }, `${name} failed`));
    }, ms);
  const accountChanges = createAccountChanges(database);
  const notices = createNoticeStarter(client, taskQueue);
  const terminationDeps = {
    terminations: createAgentTerminations(database),
    notices,
    policy: config.terminatedAgents,
    tellsCompliance: config.complianceEmail !== undefined,
  };
  const timers = [
    every(HOUSEKEEPING_EVERY_MS, 'housekeeping', () => keepHouse(database, brand.policies, Date.now())),
    every(NOTED_CHANGES_EVERY_MS, 'announcing changes of accounts', () =>
      announceNotedChanges(accountChanges, notices, Date.now),
    ),
    every(UNTOLD_CHANGES_EVERY_MS, 'announcing changes that nobody was told of', () =>
      announceUntoldChanges(accountChanges, notices, Date.now),
    ),
    every(TERMINATED_AGENTS_EVERY_MS, 'ending what terminated agents may use', () =>
      endTerminatedAgents(terminationDeps, unitDay(brand.planChangePolicy, Date.now()), Date.now),
    ),
  ];
  const stopWatching = watchOtherBrands('worker', brand, { database, logger });
  logger.info({ taskQueue, build: config.version?.buildId ?? PACKAGE_VERSION }, 'the worker polls');
  reportReady();

  const stop = async (): Promise<void> => {
    timers.forEach(clearInterval);
    stopWatching();
    for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
    await running;
    mailer.close();
    await Promise.all([connection.close(), database.$disconnect(), tracing?.stop()]);
  };
  // A worker that stops by itself has failed: the process ends, and whoever supervises it starts it again.
  running.catch((error: unknown) => {
    logger.fatal({ error: String(error) }, 'the worker failed');
    process.exit(1);
  });
  return stop;
});

/** The SDK's own names stay as its documents have them; ours carry their units and `_total` by themselves. */
function prometheusAt(bindAddress: string): PrometheusMetricsExporter['prometheus'] {
  return {
    bindAddress,
    histogramBucketOverrides: {
      tenure_email_acceptance_seconds: [0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 900, 3_600],
    },
  };
}

function commonOptions({
  temporal,
  shutdownGraceSeconds,
  version,
}: WorkerConfig): Omit<WorkerOptions, 'connection' | 'taskQueue'> {
  const graceMs = shutdownGraceSeconds * 1000;
  return {
    namespace: temporal.namespace,
    dataConverter: createDataConverter(temporal.codecKeys),
    shutdownGraceTime: graceMs,
    shutdownForceTime: graceMs + FORCE_AFTER_GRACE_MS,
    // An attempt at an email tells every few seconds that it lives, and is given up after 20: by default most of them would not be sent on.
    maxHeartbeatThrottleInterval: '4s',
    defaultHeartbeatThrottleInterval: '4s',
    ...(version
      ? {
          workerDeploymentOptions: {
            useWorkerVersioning: true,
            version: { ...version, buildId: version.buildId ?? PACKAGE_VERSION },
            // Resets last hours and notices days: they end on the build they began with.
            defaultVersioningBehavior: 'PINNED' as const,
          },
        }
      : {}),
  };
}

/** The runs, the steps that people wait for, and first attempts at emails: those take as many slots as there are turns (ADR 46). */
function runOptions({ temporal, slots, mailSlots, cachedRuns }: WorkerConfig) {
  return {
    taskQueue: temporal.taskQueue,
    workflowBundle: { codePath: join(__dirname, WORKFLOW_BUNDLE) },
    // A person who waits while a crashed worker is missed should not wait for longer than this.
    stickyQueueScheduleToStartTimeout: '3s',
    maxCachedWorkflows: cachedRuns,
    maxConcurrentActivityTaskExecutions: slots + mailSlots,
    maxConcurrentLocalActivityExecutions: slots,
  } satisfies Partial<WorkerOptions>;
}

/** The emails, on slots of their own: they wait for a mail server, at times for minutes. */
function mailOptions({ temporal, mailSlots }: WorkerConfig) {
  return {
    taskQueue: mailQueue(temporal.taskQueue),
    maxConcurrentActivityTaskExecutions: mailSlots,
    activityTaskPollerBehavior: { type: 'simple-maximum', maximum: Math.min(2, mailSlots) },
  } satisfies Partial<WorkerOptions>;
}

async function scheduleRotation(client: Client, taskQueue: string, logger: Logger): Promise<void> {
  const report = await ensureRotationSchedule(client, { taskQueue });
  if (report === 'not-ours-to-manage') {
    logger.warn(
      'this client may not manage Schedules: nobody is reminded of a password that ends until one runs rotationSweep hourly (docs/operations.md)',
    );
  } else if (report === 'operators-own-spec') {
    logger.warn(
      'the Schedule password-rotation runs at times of its own, and goes on to; delete it and restart to have it hourly again',
    );
  }
}

/** What the namespace needs before a worker polls. May be done again at any time. */
async function prepareTemporal({ temporal }: WorkerConfig, logger: Logger): Promise<void> {
  const connection = Connection.lazy(connectionOptions(temporal));
  try {
    const within = (ms: number, work: () => Promise<unknown>) =>
      connection.withDeadline(Date.now() + ms, work);
    await within(ANSWER_WITHIN_MS, () => connection.workflowService.getSystemInfo({}));
    await within(PREPARE_WITHIN_MS, async () => {
      await registerSearchAttributes(connection, temporal.namespace, logger);
      await scheduleRotation(clientOver(connection, temporal), temporal.taskQueue, logger);
    });
  } finally {
    await connection.close();
  }
}

async function registerSearchAttributes(
  connection: Connection,
  namespace: string,
  logger: Logger,
): Promise<void> {
  const managed = await ensureSearchAttributes(connection, namespace);
  if (!managed) {
    logger.warn(
      'this client may not manage search attributes: see that the namespace has them (docs/operations.md)',
    );
  }
}
