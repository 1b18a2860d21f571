import { resolve } from 'node:path';
import { z } from 'zod';
import { listenHost, loadPeppers, parseSettings, port } from '../../src/config';

const stackSettings = z.object({
  TENURE_HOME: z.string().min(1).default('.tenure'),
  PORT: port.optional(),
  LISTEN_HOST: listenHost.default('127.0.0.1'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  TENURE_PEPPERS: z.string().optional(),
  TEMPORAL_CLI_PATH: z.string().min(1).optional(),
  TENURE_POSTGRES_PORT: port.optional(),
  TENURE_TEMPORAL_PORT: port.optional(),
  TENURE_TEMPORAL_UI_PORT: port.optional(),
  TENURE_SMTP_PORT: port.optional(),
  TENURE_INBOX_PORT: port.optional(),
});

/** What `npm start` needs to bring up the embedded stack: only what somebody asked for is set. */
export interface StackConfig {
  readonly home: string;
  readonly port?: number | undefined;
  /** The address the API listens on: this machine's own alone unless somebody asked for another. */
  readonly listenHost: string;
  readonly databaseUrl?: string | undefined;
  readonly temporalAddress?: string | undefined;
  readonly smtpUrl?: string | undefined;
  readonly peppers?: string | undefined;
  readonly temporalCliPath?: string | undefined;
  readonly postgresPort?: number | undefined;
  readonly temporalPort?: number | undefined;
  readonly temporalUiPort?: number | undefined;
  readonly smtpPort?: number | undefined;
  readonly inboxPort?: number | undefined;
  readonly env: NodeJS.ProcessEnv;
}

/** Settings of the embedded stack. Throws `ConfigError`. */
export function loadStackConfig(env: NodeJS.ProcessEnv): StackConfig {
  const parsed = parseSettings(stackSettings, env);
  if (parsed.TENURE_PEPPERS !== undefined) loadPeppers(env);
  return {
    home: resolve(parsed.TENURE_HOME),
    port: parsed.PORT,
    listenHost: parsed.LISTEN_HOST,
    databaseUrl: parsed.DATABASE_URL,
    temporalAddress: parsed.TEMPORAL_ADDRESS,
    smtpUrl: parsed.SMTP_URL,
    peppers: parsed.TENURE_PEPPERS,
    temporalCliPath: parsed.TEMPORAL_CLI_PATH,
    postgresPort: parsed.TENURE_POSTGRES_PORT,
    temporalPort: parsed.TENURE_TEMPORAL_PORT,
    temporalUiPort: parsed.TENURE_TEMPORAL_UI_PORT,
    smtpPort: parsed.TENURE_SMTP_PORT,
    inboxPort: parsed.TENURE_INBOX_PORT,
    env,
  };
}
