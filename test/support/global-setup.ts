import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';
import { loadStackConfig } from '../../lab/stack/config';
import { migrateDatabase } from '../../src/adapters/postgres/migrate';
import { ensureSearchAttributes } from '../../src/adapters/temporal/connection';
import {
  ensureTemporalCli,
  startPostgres,
  startTemporal,
  type RunningServer,
} from '../../lab/stack/embedded';
import { withDatabase } from '../../lab/system/postgres-url';
import { workflowBundleOptions } from '../../src/compose/workflow-bundle';

declare global {
  var tenureTestServers: RunningServer[];
  var tenureTestHome: string;
}

/** One PostgreSQL and one Temporal server for the whole run; each test file has its own database and task queue. */
export default async function globalSetup(): Promise<void> {
  const home = mkdtempSync(join(tmpdir(), 'tenure-test-'));
  const { temporalCliPath, env } = loadStackConfig(process.env);
  const cliPath = await ensureTemporalCli({
    temporalCliPath,
    env,
    log: (line) => process.stderr.write(`${line}\n`),
  });
  // The Temporal server may use more memory to spend less time on garbage collection.
  process.env['GOGC'] ??= '400';
  const [postgres, temporal, bundlePath] = await Promise.all([
    startPostgres({ dataDir: join(home, 'postgres') }),
    startTemporal({
      cliPath,
      extraArgs: [
        ...['--dynamic-config-value', 'frontend.WorkflowTimeSkippingEnabled=true'],
        // The maximum delay of timers; the default is a second, which every check of a run in skipped time would wait for.
        ...['--dynamic-config-value', 'history.timerProcessorMaxTimeShift="20ms"'],
        // A stuck run is reported after two failed tasks; the default is five.
        ...['--dynamic-config-value', 'system.numConsecutiveWorkflowTaskProblemsToTriggerSearchAttribute=2'],
      ],
    }),
    bundleWorkflows(home),
  ]);
  globalThis.tenureTestServers = [temporal, postgres];
  globalThis.tenureTestHome = home;

  const templateUrl = withDatabase(postgres.url, 'tenure_template');
  await migrateDatabase(templateUrl);
  await registerSearchAttributes(temporal.address);

  process.env['TENURE_TEST_POSTGRES'] = postgres.url;
  process.env['TENURE_TEST_TEMPORAL'] = temporal.address;
  process.env['TENURE_TEST_BUNDLE'] = bundlePath;
  process.env['TENURE_TEST_TEMPORAL_CLI'] = cliPath;
}

async function bundleWorkflows(home: string): Promise<string> {
  const { code } = await bundleWorkflowCode({
    ...workflowBundleOptions(),
    logger: new DefaultLogger('ERROR'),
  });
  const path = join(home, 'workflow-bundle.js');
  writeFileSync(path, code);
  return path;
}

async function registerSearchAttributes(address: string): Promise<void> {
  const connection = await Connection.connect({ address });
  await ensureSearchAttributes(connection, 'default');
  await connection.close();
}
