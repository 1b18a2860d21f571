import { resolve } from 'node:path';
import { z } from 'zod';
import { loadPeppers, parseSettings } from '../../src/config';
import { listenHost, port, setting } from '../../src/setting-forms';
import { commandSettings } from '../../src/settings';
import { defaultPorts } from './ports';

const asked = (name: keyof typeof defaultPorts, description: string) =>
  setting({ readBy: ['npm start'], description, otherwise: `${defaultPorts[name]}` }, port.optional());

/** Those that the processes have, too, are described there. */
export const stackSettings = z.object({
  TENURE_HOME: commandSettings.shape.TENURE_HOME,
  PORT: port.optional(),
  WEB_PORT: port.optional(),
  LISTEN_HOST: listenHost.default('127.0.0.1'),
  DATABASE_URL: z.url({ protocol: /^postgres(ql)?$/ }).optional(),
  TEMPORAL_ADDRESS: z.string().min(1).optional(),
  SMTP_URL: z.url({ protocol: /^smtps?$/ }).optional(),
  TENURE_PEPPERS: z.string().optional(),
  WEB_COOKIE_KEYS: z.string().optional(),
  TEMPORAL_CLI_PATH: setting(
    { readBy: ['npm start'], description: 'the Temporal CLI to use, for `npm test` as well' },
    z.string().min(1).optional(),
  ),
  TENURE_POSTGRES_PORT: asked(
    'postgres',
    'port of PostgreSQL; one that is asked for, here or below, is used or refused, never moved',
  ),
  TENURE_TEMPORAL_PORT: asked('temporal', 'port of Temporal'),
  TENURE_TEMPORAL_UI_PORT: asked('temporalUi', 'port of the Temporal UI'),
  TENURE_SMTP_PORT: asked('smtp', 'port where the inbox takes mail'),
  TENURE_INBOX_PORT: asked('inbox', 'port where the inbox shows it'),
});

/** Settings of the embedded stack for `npm start`: only explicit ones are present. */
export interface StackConfig {
  readonly home: string;
  readonly port?: number | undefined;
  readonly webPort?: number | undefined;
  /** The address that API and pages listen on; default: loopback only. */
  readonly listenHost: string;
  readonly databaseUrl?: string | undefined;
  readonly temporalAddress?: string | undefined;
  readonly smtpUrl?: string | undefined;
  readonly peppers?: string | undefined;
  readonly cookieKeys?: string | undefined;
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
    webPort: parsed.WEB_PORT,
    listenHost: parsed.LISTEN_HOST,
    databaseUrl: parsed.DATABASE_URL,
    temporalAddress: parsed.TEMPORAL_ADDRESS,
    smtpUrl: parsed.SMTP_URL,
    peppers: parsed.TENURE_PEPPERS,
    cookieKeys: parsed.WEB_COOKIE_KEYS,
    temporalCliPath: parsed.TEMPORAL_CLI_PATH,
    postgresPort: parsed.TENURE_POSTGRES_PORT,
    temporalPort: parsed.TENURE_TEMPORAL_PORT,
    temporalUiPort: parsed.TENURE_TEMPORAL_UI_PORT,
    smtpPort: parsed.TENURE_SMTP_PORT,
    inboxPort: parsed.TENURE_INBOX_PORT,
    env,
  };
}
