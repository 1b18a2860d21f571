/** Every setting: its form, its default, and what docs/settings.md says of it (`npm run docs:settings` writes that page). */
import { z } from 'zod';
import { count, flag, keyList, listenHost, port, setting, trustProxy, versionPart } from './setting-forms';

const LOG_LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

const BOTH = ['API', 'worker'] as const;

/** What API and worker parse alike. */
export const settings = z.object({
  DATABASE_URL: setting(
    {
      readBy: ['API', 'worker', 'commands', 'npm start'],
      description: '`postgresql://user:password@host:port/database`',
      change:
        'whatever is open has its record in the old database; one that knows other keys [refuses these](operations.md#a-key-is-refused-at-start)',
    },
    z.url({ protocol: /^postgres(ql)?$/ }),
  ),
  DATABASE_POOL_SIZE: setting(
    { readBy: BOTH, description: 'most connections of one process; a command has one' },
    count.max(500).default(20),
  ),
  TEMPORAL_ADDRESS: setting(
    {
      readBy: ['API', 'worker', 'npm start'],
      description: '`host:port` of the Temporal frontend',
      change: 'open runs stay in the old service',
    },
    z.string().min(1),
  ),
  TEMPORAL_NAMESPACE: setting(
    { readBy: BOTH, description: 'must exist', change: 'open runs stay in the old namespace' },
    z.string().min(1).default('default'),
  ),
  TEMPORAL_TASK_QUEUE: setting(
    {
      readBy: BOTH,
      description: 'the same for API and worker',
      change: 'open runs stay on the old queue: keep a worker there until they are over',
    },
    z.string().min(1).default('tenure'),
  ),
  TEMPORAL_API_KEY: setting(
    { readBy: BOTH, description: 'Temporal Cloud; switches TLS on' },
    z.string().min(1).optional(),
  ),
  TEMPORAL_TLS_CA: setting(
    {
      readBy: BOTH,
      description:
        "path of a PEM file, read at the start: the authority of the server's certificate. Any of the four switches TLS on",
    },
    z.string().optional(),
  ),
  TEMPORAL_TLS_CERT: setting(
    { readBy: BOTH, description: "path of a PEM file: the client's certificate" },
    z.string().optional(),
  ),
  TEMPORAL_TLS_KEY: setting(
    { readBy: BOTH, description: "path of a PEM file: the client's key" },
    z.string().optional(),
  ),
  TEMPORAL_TLS_SERVER_NAME: setting(
    { readBy: BOTH, description: "the name to expect in the server's certificate" },
    z.string().optional(),
  ),
  TEMPORAL_CODEC_KEYS: setting(
    {
      readBy: BOTH,
      description:
        '`id:base64` keys of 32 bytes or more, the current one first: payloads in Temporal are encrypted (AES-256-GCM); the same for API and worker',
      change: 'nothing while the old key stands behind the new one: [rotating keys](keys.md#rotating-keys)',
    },
    keyList.optional(),
  ),
  TENURE_PEPPERS: setting(
    {
      readBy: ['API', 'worker', 'commands', 'npm start'],
      description:
        '`id:base64` keys of 32 bytes or more, the current one first; the same for API, worker, imports of agents and `account allow-recovery`',
      change: 'nothing while the old key stands behind the new one: [rotating keys](keys.md#rotating-keys)',
    },
    keyList,
  ),
  TENURE_BRAND: setting(
    {
      readBy: [...BOTH, 'web', 'commands'],
      description:
        "path of an insurer's folder, read at the start: [its own rules and texts](branding.md); the same for all of them",
      otherwise: '`brand/default`',
      change: 'open runs keep the rules they began with',
    },
    z.string().min(1).optional(),
  ),
  UNIT_LEAD_EMAIL: setting(
    {
      readBy: ['worker'],
      description: 'who is told of plan changes that nobody takes, or that are held',
      change: 'emails that are still to be sent go to the new address',
    },
    z.email().default('plan-change-unit@tenure.example'),
  ),
  COMPLIANCE_EMAIL: setting(
    {
      readBy: ['worker'],
      description: 'who is told of terminated agents and how many customers they have; not set: nobody',
      change:
        'emails that are still to be sent go to the new address; earlier terminations are not told again',
    },
    z.email().optional(),
  ),
  TERMINATED_AGENTS: setting(
    {
      readBy: ['worker'],
      description:
        'what becomes of the accounts of agents whose last day is over: `sign-out` ends their sessions, `close` closes them too',
      change: 'counts for terminations from then on',
    },
    z.enum(['sign-out', 'close']).default('sign-out'),
  ),
  LOG_LEVEL: setting(
    { readBy: [...BOTH, 'web'], description: LOG_LEVELS.map((level) => `\`${level}\``).join(', ') },
    z.enum(LOG_LEVELS).default('info'),
  ),
  METRICS_ADDRESS: setting(
    {
      readBy: [...BOTH, 'web'],
      description:
        '`host:port` of `/metrics`; on one machine each process needs a port of its own (`npm start`: the worker takes the next, web the one after)',
    },
    z
      .string()
      .regex(/^[^:]+:\d+$/, 'expected host:port')
      .optional(),
  ),
  OTEL_EXPORTER_OTLP_ENDPOINT: setting(
    {
      readBy: BOTH,
      description:
        'an `http(s)` URL: traces are sent there over OTLP/HTTP; the SDK’s other `OTEL_` variables count as well',
    },
    z.url({ protocol: /^https?$/ }).optional(),
  ),
  PORT: setting({ readBy: ['API', 'npm start'], description: 'where it listens' }, port.default(3000)),
  LISTEN_HOST: setting(
    {
      readBy: ['API', 'web', 'npm start'],
      description:
        'the IP address that it listens on; `npm start`: 127.0.0.1; `0.0.0.0` lets others on the network in',
      otherwise: 'every address',
    },
    listenHost.optional(),
  ),
  RATE_LIMITS: setting(
    {
      readBy: ['API'],
      description:
        "`off` behind a gateway that limits requests itself, and for benches; tries at one person's password or code stay limited",
    },
    flag.default(true),
  ),
  TRUST_PROXY: setting(
    {
      readBy: ['API', 'web'],
      description:
        'behind proxies, how many, or their addresses, as Express\'s "trust proxy"; else every caller counts as the proxy',
      change: 'limits count anew, by the addresses that are then known',
    },
    trustProxy.default(false),
  ),
});

/** Of the pages' process. It has no database and no Temporal, and so none of their settings. */
export const webSettings = settings
  .pick({
    TENURE_BRAND: true,
    LOG_LEVEL: true,
    METRICS_ADDRESS: true,
    LISTEN_HOST: true,
    TRUST_PROXY: true,
  })
  .extend({
    WEB_PORT: setting({ readBy: ['web', 'npm start'], description: 'where it listens' }, port.default(3080)),
    API_URL: setting(
      { readBy: ['web'], description: 'where the API is; its `TRUST_PROXY` must name this process' },
      z.url({ protocol: /^https?$/ }),
    ),
    WEB_COOKIE_KEYS: setting(
      {
        readBy: ['web', 'npm start'],
        description:
          '`id:base64` keys of 32 bytes or more, the current one first, that seal cookies; the same for every web process, and no other key of yours',
        change: 'nothing while the old key stands behind the new one; otherwise everybody signs in again',
      },
      keyList,
    ),
    WEB_MAINTENANCE: setting(
      { readBy: ['web'], description: '`on` tells everybody that the portals are being worked on' },
      flag.default(false),
    ),
  });

/** Of the worker, which parses what the API does, too. */
export const workerSettings = settings.extend({
  SMTP_URL: setting(
    {
      readBy: ['worker', 'npm start'],
      description:
        '`smtps://` or `smtp://...?requireTLS=true`, user and password in it; `smtp://` alone to this machine only',
      change: 'the next attempt at each email goes there',
    },
    z.url({ protocol: /^smtps?$/ }),
  ),
  SMTP_ALLOW_PLAINTEXT: setting(
    {
      readBy: ['worker'],
      description:
        '`on` takes `smtp://` without `requireTLS` to other machines too, and warns at every start',
    },
    flag.default(false),
  ),
  MAIL_SLOTS: setting(
    {
      readBy: ['worker'],
      description: 'emails at a time, by both queues together, each on a connection of its own',
    },
    count.max(100).default(10),
  ),
  MAIL_FROM: setting(
    {
      readBy: ['worker'],
      description: 'sender; its domain also ends the Message-IDs',
      change: 'with another domain, an email that goes out once more does so under another Message-ID',
    },
    z
      .string()
      .regex(/^[^\r\n]+$/)
      .default('Account Services <no-reply@tenure.example>'),
  ),
  WORKER_SLOTS: setting(
    {
      readBy: ['worker'],
      description: 'activities at a time that people wait for; emails have their own slots beside them',
    },
    count.max(1000).default(40),
  ),
  WORKER_CACHED_RUNS: setting(
    {
      readBy: ['worker'],
      description:
        'open runs kept in memory, about 0.4 MB each; others are replayed when something happens to them',
    },
    count.max(100_000).default(1000),
  ),
  WORKER_VERSIONING: setting(
    {
      readBy: ['worker'],
      description: '`on` pins each run to the build it began on',
      change: 'open runs wait until [a version is made the current one](operations.md#upgrading)',
    },
    flag.default(false),
  ),
  TEMPORAL_DEPLOYMENT_NAME: setting(
    {
      readBy: ['worker'],
      description:
        "with `WORKER_VERSIONING=on`: the worker deployment's name; Temporal's Worker Controller sets it, and the build id",
      change: 'open runs stay with the versions of the old deployment: keep its workers until they are over',
    },
    versionPart.regex(/^[^.:]*$/, 'expected no "." and no ":"').default('tenure'),
  ),
  TEMPORAL_WORKER_BUILD_ID: setting(
    {
      readBy: ['worker'],
      description: 'with `WORKER_VERSIONING=on`: the build that runs are pinned to',
      otherwise: "the package's version",
      change: 'open runs wait until [a version is made the current one](operations.md#upgrading)',
    },
    versionPart.optional(),
  ),
  SHUTDOWN_GRACE_SECONDS: setting(
    { readBy: ['worker'], description: 'how long steps in flight may take after SIGTERM' },
    count.max(600).default(20),
  ),
});

/** Of the commands, which take from a running `npm start` what they are not told. */
export const commandSettings = z.object({
  TENURE_OPERATOR: setting(
    {
      readBy: ['commands'],
      description: 'who runs a command that changes something, for the audit log',
      otherwise: "the system's user",
    },
    z
      .string()
      .trim()
      .regex(/^[^\p{Cc}\p{Cf}\p{Zl}\p{Zp}]{1,64}$/u, 'expected a name of at most 64 characters')
      .optional(),
  ),
  TENURE_HOME: setting(
    {
      readBy: ['commands', 'npm start'],
      description:
        'state, logs and secrets of the embedded stack; a command without `DATABASE_URL` looks here for one that runs',
      change: 'what is open waits in the old home',
    },
    z.string().min(1).default('.tenure'),
  ),
});

/** Settings of earlier versions, and where in `portal.yaml` they are now. */
export const movedSettings = {
  MEMBER_PASSWORD_DAYS: 'portals.member.password.lifetimeDays',
  UNIT_HOURS: 'planChanges.unitHours',
  PLAN_CHANGE_WAITING_MINUTES: 'planChanges.waitingMinutes',
  PLAN_CHANGE_OVERDUE_HOURS: 'planChanges.overdueHours',
  PLAN_CHANGE_CLAIM_MINUTES: 'planChanges.claimMinutes',
  PLAN_CHANGE_ABANDON_DAYS: 'planChanges.abandonAfterDays',
  PLAN_CHANGE_REVERSIBLE_DAYS: 'planChanges.reversibleDays',
} as const;
