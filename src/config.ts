import { existsSync, readFileSync } from 'node:fs';
import { userInfo } from 'node:os';
import type { z } from 'zod';
import { commandSettings, movedSettings, settings, webSettings, workerSettings } from './settings';

/**
 * Every setting of Tenure, parsed once. Nobody else reads the environment.
 * A wrong value is refused by the name of its variable (`ConfigError`).
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/i;

/** Whether emails, PINs in them, may go over a network unencrypted: the server is another machine, and nothing insists on TLS. */
const isPlaintextSmtp = (smtpUrl: string): boolean => {
  const { protocol, hostname, searchParams } = new URL(smtpUrl);
  return protocol === 'smtp:' && searchParams.get('requireTLS') !== 'true' && !LOOPBACK.test(hostname);
};

/** A named secret key; the id travels with whatever the key made, so that keys can be rotated. */
export interface NamedKey {
  readonly id: string;
  readonly key: Buffer;
}

export interface TemporalConfig {
  readonly address: string;
  readonly namespace: string;
  readonly taskQueue: string;
  readonly apiKey?: string | undefined;
  readonly tls?: TlsFiles | undefined;
  readonly codecKeys?: readonly NamedKey[] | undefined;
}

/** PEM contents, already read. */
export interface TlsFiles {
  readonly ca?: Buffer | undefined;
  readonly cert?: Buffer | undefined;
  readonly key?: Buffer | undefined;
  readonly serverName?: string | undefined;
}

/** What the API and the worker both need. */
export interface ServerConfig {
  readonly port: number;
  /** The address the API listens on; not set: all of them. */
  readonly listenHost?: string | undefined;
  readonly databaseUrl: string;
  readonly databasePoolSize: number;
  readonly temporal: TemporalConfig;
  readonly peppers: readonly NamedKey[];
  /** An insurer's own rules and texts; not set: those of brand/default. */
  readonly brandFolder?: string | undefined;
  /** Who is told of plan changes that wait. */
  readonly unitLeadEmail: string;
  /** Who is told of terminated agents; not set: nobody. */
  readonly complianceEmail?: string | undefined;
  /** What becomes of the accounts of agents whose last day is over. */
  readonly terminatedAgents: 'sign-out' | 'close';
  readonly rateLimits: boolean;
  readonly trustProxy: boolean | number | string;
  readonly logLevel: string;
  /** `host:port` where this process tells its metrics. */
  readonly metricsAddress?: string | undefined;
  /** Where traces are sent, over OTLP/HTTP; not set: none are made. */
  readonly otlpEndpoint?: string | undefined;
}

/** A worker's version, as Temporal lists it. Without `buildId` it is the package's. */
export interface WorkerVersion {
  readonly deploymentName: string;
  readonly buildId?: string | undefined;
}

export interface WorkerConfig extends ServerConfig {
  readonly smtpUrl: string;
  /** Emails may go over the network unencrypted, because a setting says so. */
  readonly smtpPlaintext: boolean;
  readonly mailFrom: string;
  /** Emails at a time; each has a connection to the mail server of its own. */
  readonly mailSlots: number;
  /** The version that runs are pinned to; not set: they are pinned to none. */
  readonly version?: WorkerVersion | undefined;
  readonly slots: number;
  /** Open runs kept in memory (about 0.4 MB each); others are replayed when something happens to them. */
  readonly cachedRuns: number;
  readonly shutdownGraceSeconds: number;
}

/** What the pages' process needs. */
export interface WebConfig {
  readonly port: number;
  readonly listenHost?: string | undefined;
  readonly apiUrl: string;
  readonly cookieKeys: readonly NamedKey[];
  readonly brandFolder?: string | undefined;
  readonly trustProxy: boolean | number | string;
  readonly maintenance: boolean;
  readonly logLevel: string;
  readonly metricsAddress?: string | undefined;
}

/** Settings of the pages' process. Throws `ConfigError` naming each variable that is missing or wrong. */
export function loadWebConfig(env: NodeJS.ProcessEnv): WebConfig {
  const parsed = parseSettings(webSettings, env);
  return {
    port: parsed.WEB_PORT,
    listenHost: parsed.LISTEN_HOST,
    apiUrl: parsed.API_URL,
    cookieKeys: parsed.WEB_COOKIE_KEYS,
    brandFolder: parsed.TENURE_BRAND,
    trustProxy: parsed.TRUST_PROXY,
    maintenance: parsed.WEB_MAINTENANCE,
    logLevel: parsed.LOG_LEVEL,
    metricsAddress: parsed.METRICS_ADDRESS,
  };
}

/** Settings of the API process. Throws `ConfigError` naming each variable that is missing or wrong. */
export function loadServerConfig(env: NodeJS.ProcessEnv): ServerConfig {
  refuseMoved(env);
  return toServerConfig(parseSettings(settings, env));
}

/** Settings of the worker process. Throws `ConfigError`. */
export function loadWorkerConfig(env: NodeJS.ProcessEnv): WorkerConfig {
  refuseMoved(env);
  const parsed = parseSettings(workerSettings, env);
  const smtpPlaintext = isPlaintextSmtp(parsed.SMTP_URL);
  if (smtpPlaintext && !parsed.SMTP_ALLOW_PLAINTEXT) {
    throw new ConfigError(
      'SMTP_URL: emails would go over the network unencrypted, PINs among them. Use smtps://, or ?requireTLS=true; where the network is trusted, SMTP_ALLOW_PLAINTEXT=on.',
    );
  }
  return {
    ...toServerConfig(parsed),
    smtpUrl: parsed.SMTP_URL,
    smtpPlaintext,
    mailSlots: parsed.MAIL_SLOTS,
    mailFrom: parsed.MAIL_FROM,
    version: parsed.WORKER_VERSIONING
      ? { deploymentName: parsed.TEMPORAL_DEPLOYMENT_NAME, buildId: parsed.TEMPORAL_WORKER_BUILD_ID }
      : undefined,
    slots: parsed.WORKER_SLOTS,
    cachedRuns: parsed.WORKER_CACHED_RUNS,
    shutdownGraceSeconds: parsed.SHUTDOWN_GRACE_SECONDS,
  };
}

/** The insurer's folder alone, for a command that needs its rules or texts; undefined: ours. Throws `ConfigError`. */
export function loadBrandFolder(env: NodeJS.ProcessEnv): string | undefined {
  return parseSettings(settings.pick({ TENURE_BRAND: true }), env).TENURE_BRAND;
}

/** The database alone, for the command line tools. Throws `ConfigError`. */
export function loadDatabaseUrl(env: NodeJS.ProcessEnv): string {
  return parseSettings(settings.pick({ DATABASE_URL: true }), env).DATABASE_URL;
}

/** The peppers alone, for a command that looks people's keyed digests up. Throws `ConfigError`. */
export function loadPeppers(env: NodeJS.ProcessEnv): readonly NamedKey[] {
  return parseSettings(settings.pick({ TENURE_PEPPERS: true }), env).TENURE_PEPPERS;
}

/** Who runs a command, for the audit log: `TENURE_OPERATOR`, else the user of the operating system. Throws `ConfigError`. */
export function loadOperator(env: NodeJS.ProcessEnv): string {
  return parseSettings(commandSettings, env).TENURE_OPERATOR ?? systemUser();
}

/** Where the embedded stack of `npm start` keeps what it has: `TENURE_HOME`. Throws `ConfigError`. */
export function loadHome(env: NodeJS.ProcessEnv): string {
  return parseSettings(commandSettings, env).TENURE_HOME;
}

/** What importing a roster takes: peppers only for a kind that keeps keyed digests. Throws `ConfigError`. */
export function loadImportConfig(
  env: NodeJS.ProcessEnv,
  { needsPeppers }: { readonly needsPeppers: boolean },
): Pick<ServerConfig, 'databaseUrl' | 'peppers'> & { readonly operator: string } {
  const operator = loadOperator(env);
  if (!needsPeppers) return { databaseUrl: loadDatabaseUrl(env), peppers: [], operator };
  const parsed = parseSettings(settings.pick({ DATABASE_URL: true, TENURE_PEPPERS: true }), env);
  return { databaseUrl: parsed.DATABASE_URL, peppers: parsed.TENURE_PEPPERS, operator };
}

/** The keys of a process, whose ids it has to claim before it uses them. */
export const keysOf = ({ peppers, temporal }: Pick<ServerConfig, 'peppers' | 'temporal'>) => ({
  peppers,
  codecKeys: temporal.codecKeys,
});

/** A container may run as a user whom the system has no name for. */
function systemUser(): string {
  try {
    return userInfo().username;
  } catch {
    return `uid ${process.getuid?.() ?? 'unknown'}`;
  }
}

/** A rule that was a setting would be lost without a word. */
function refuseMoved(env: NodeJS.ProcessEnv): void {
  const lines = Object.entries(movedSettings)
    .filter(([name]) => env[name])
    .map(([name, key]) => `  ${name}: is ${key} in portal.yaml of the folder that TENURE_BRAND names`);
  if (lines.length > 0)
    throw new ConfigError(
      `These settings are an insurer's rules now (docs/branding.md):\n${lines.join('\n')}`,
    );
}

function toServerConfig(parsed: z.output<typeof settings>): ServerConfig {
  return {
    port: parsed.PORT,
    listenHost: parsed.LISTEN_HOST,
    databaseUrl: parsed.DATABASE_URL,
    databasePoolSize: parsed.DATABASE_POOL_SIZE,
    temporal: {
      address: parsed.TEMPORAL_ADDRESS,
      namespace: parsed.TEMPORAL_NAMESPACE,
      taskQueue: parsed.TEMPORAL_TASK_QUEUE,
      apiKey: parsed.TEMPORAL_API_KEY,
      tls: readTlsFiles(parsed),
      codecKeys: parsed.TEMPORAL_CODEC_KEYS,
    },
    peppers: parsed.TENURE_PEPPERS,
    brandFolder: parsed.TENURE_BRAND,
    unitLeadEmail: parsed.UNIT_LEAD_EMAIL,
    complianceEmail: parsed.COMPLIANCE_EMAIL,
    terminatedAgents: parsed.TERMINATED_AGENTS,
    rateLimits: parsed.RATE_LIMITS,
    trustProxy: parsed.TRUST_PROXY,
    logLevel: parsed.LOG_LEVEL,
    metricsAddress: parsed.METRICS_ADDRESS,
    otlpEndpoint: parsed.OTEL_EXPORTER_OTLP_ENDPOINT,
  };
}

function readTlsFiles(parsed: z.output<typeof settings>): TlsFiles | undefined {
  const { TEMPORAL_TLS_CA, TEMPORAL_TLS_CERT, TEMPORAL_TLS_KEY, TEMPORAL_TLS_SERVER_NAME } = parsed;
  if (!TEMPORAL_TLS_CA && !TEMPORAL_TLS_CERT && !TEMPORAL_TLS_KEY && !TEMPORAL_TLS_SERVER_NAME)
    return undefined;
  return {
    ca: readFile('TEMPORAL_TLS_CA', TEMPORAL_TLS_CA),
    cert: readFile('TEMPORAL_TLS_CERT', TEMPORAL_TLS_CERT),
    key: readFile('TEMPORAL_TLS_KEY', TEMPORAL_TLS_KEY),
    serverName: TEMPORAL_TLS_SERVER_NAME,
  };
}

function readFile(variable: string, path: string | undefined): Buffer | undefined {
  if (path === undefined) return undefined;
  if (!existsSync(path)) throw new ConfigError(`${variable}: there is no file ${path}`);
  return readFileSync(path);
}

/** Throws `ConfigError` naming each variable that is missing or wrong. An empty variable counts as not set, as in `docker compose` files. */
export function parseSettings<T extends z.ZodType>(schema: T, env: NodeJS.ProcessEnv): z.output<T> {
  const present = Object.fromEntries(
    Object.entries(env).filter(([, value]) => value !== undefined && value !== ''),
  );
  const result = schema.safeParse(present);
  if (result.success) return result.data;
  const lines = result.error.issues.map(({ path, message }) => {
    const name = path.join('.');
    return `  ${name}: ${present[name] === undefined ? 'is required and not set' : message}`;
  });
  throw new ConfigError(`These settings are wrong (docs/settings.md):\n${lines.join('\n')}`);
}
