import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { writeFileAtomically } from './atomic-file';

/** The listening parts of the embedded stack, and their default ports. */
export const defaultPorts = {
  web: 3080,
  api: 3000,
  postgres: 5433,
  temporal: 7233,
  temporalUi: 8233,
  smtp: 1025,
  inbox: 8025,
} as const;

export type PortName = keyof typeof defaultPorts;

/** The environment variable that sets a port, for messages. */
export const portVariables: Readonly<Record<PortName, string>> = {
  web: 'WEB_PORT',
  api: 'PORT',
  postgres: 'TENURE_POSTGRES_PORT',
  temporal: 'TENURE_TEMPORAL_PORT',
  temporalUi: 'TENURE_TEMPORAL_UI_PORT',
  smtp: 'TENURE_SMTP_PORT',
  inbox: 'TENURE_INBOX_PORT',
};

/** How many ports after the default are tried before the system picks any: a near one is easier to remember. */
const neighboursTried = 50;

/** An explicitly set port is in use by another process. */
export class PortTakenError extends Error {
  override readonly name = 'PortTakenError';
  constructor(name: PortName, port: number) {
    super(
      `${portVariables[name]}=${port} was asked for, but another process listens on port ${port}. ` +
        `Stop it, ask for another port, or leave ${portVariables[name]} out and a free one is taken.`,
    );
  }
}

/** A port reserved by our own listening socket, so that two stacks starting together never choose the same one. */
export interface ReservedPort {
  readonly port: number;
  /** Releases the port; call it just before starting the part that will listen there. */
  release(): Promise<void>;
}

export interface PortChoice {
  readonly name: PortName;
  /** Explicitly set: an error if it is in use. 0: any free port. */
  readonly asked?: number | undefined;
  /** The port this home used last time. */
  readonly remembered?: number | undefined;
}

/** Reserves a port: the explicit one, otherwise the remembered, the default, a near or any free one. */
export async function reservePort({ name, asked, remembered }: PortChoice): Promise<ReservedPort> {
  if (asked !== undefined && asked !== 0) {
    const reserved = await tryReserve(asked);
    if (!reserved) throw new PortTakenError(name, asked);
    return reserved;
  }
  const first = defaultPorts[name];
  const near = Array.from({ length: neighboursTried + 1 }, (_, index) => first + index);
  const candidates = asked === 0 ? [] : [...(remembered === undefined ? [] : [remembered]), ...near];
  for (const port of candidates) {
    const reserved = await tryReserve(port);
    if (reserved) return reserved;
  }
  const any = await tryReserve(0);
  if (!any) throw new Error(`No free port was found for ${name}.`);
  return any;
}

/** Of this process: processes that run at the same time hardly ever share them. */
const ownPorts = { first: 20_000 + (process.pid % 200) * 60, count: 60 };
let given = 0;

/** A port that is free now, and that the system gives to nobody: it takes those of outgoing connections from above these. */
export async function freePort(): Promise<number> {
  for (let tried = 0; tried < ownPorts.count; tried++) {
    const reserved = await tryReserve(ownPorts.first + (given++ % ownPorts.count));
    if (!reserved) continue;
    await reserved.release();
    return reserved.port;
  }
  throw new Error(`All ports from ${ownPorts.first} on are taken.`);
}

/** The ports a home used last time, by name; empty if it never ran. */
export async function readRememberedPorts(file: string): Promise<Partial<Record<PortName, number>>> {
  try {
    const stored: unknown = JSON.parse(await readFile(file, 'utf8'));
    if (typeof stored !== 'object' || stored === null) return {};
    return Object.fromEntries(
      Object.entries(stored).filter(
        ([name, port]) => name in defaultPorts && Number.isInteger(port) && port > 0 && port < 65_536,
      ),
    );
  } catch {
    // A missing or damaged file only means that the defaults are tried first.
    return {};
  }
}

export async function rememberPorts(file: string, ports: Partial<Record<PortName, number>>): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(ports, null, 2)}\n`);
}

/**
 * A port is free if both the loopback address and the wildcard can be bound: some systems let a
 * second process bind one while the first one has the other.
 */
async function tryReserve(port: number): Promise<ReservedPort | undefined> {
  const loopback = await listen(port, '127.0.0.1');
  if (!loopback) return undefined;
  const address = loopback.address();
  const actual = typeof address === 'object' && address ? address.port : port;
  await close(loopback);
  const held =
    (await listen(actual, '::')) ??
    ((await canListen(0, '::')) ? undefined : await listen(actual, '0.0.0.0'));
  if (!held) return undefined;
  held.unref();
  return { port: actual, release: () => close(held) };
}

/** Whether nothing else listens there, and the machine has such an address. */
export async function canListen(port: number, host: string): Promise<boolean> {
  const probe = await listen(port, host);
  if (probe) await close(probe);
  return probe !== undefined;
}

function listen(port: number, host: string): Promise<Server | undefined> {
  return new Promise((resolve) => {
    const server = createServer((socket) => socket.destroy());
    server.once('error', () => resolve(undefined));
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()));
}
