import { join } from 'node:path';
import type { StackConfig } from './config';
import {
  defaultPorts,
  type PortName,
  readRememberedPorts,
  rememberPorts,
  type ReservedPort,
  reservePort,
} from './ports';

/** The ports of one stack, each reserved until the part that listens there starts. */
export interface StackPorts {
  of(name: PortName): number;
  /** Releases ports for the part that is about to listen there. */
  release(...names: PortName[]): Promise<void>;
  /** Default ports in use by other processes, so that near ones were used instead. */
  readonly moved: readonly number[];
}

/** Chooses and remembers a port for each of `names`. Throws `PortTakenError` if an explicit one is in use. */
export async function reserveStackPorts(
  config: StackConfig,
  names: readonly PortName[],
): Promise<StackPorts> {
  const file = join(config.home, 'ports.json');
  const remembered = await readRememberedPorts(file);
  const asked: Record<PortName, number | undefined> = {
    web: config.webPort,
    api: config.port,
    postgres: config.postgresPort,
    temporal: config.temporalPort,
    temporalUi: config.temporalUiPort,
    smtp: config.smtpPort,
    inbox: config.inboxPort,
  };
  const reserved = new Map<PortName, ReservedPort>();
  try {
    // Explicit ports first, so that another part's default does not take one of them.
    for (const name of names.toSorted(
      (a, b) => Number(asked[b] !== undefined) - Number(asked[a] !== undefined),
    )) {
      reserved.set(name, await reservePort({ name, asked: asked[name], remembered: remembered[name] }));
    }
  } catch (error) {
    await Promise.all([...reserved.values()].map((port) => port.release()));
    throw error;
  }
  const portOf = (name: PortName) => {
    const port = reserved.get(name)?.port;
    if (port === undefined) throw new Error(`No port was reserved for ${name}.`);
    return port;
  };
  await rememberPorts(file, {
    ...remembered,
    ...Object.fromEntries(names.map((name) => [name, portOf(name)])),
  });
  return {
    of: portOf,
    async release(...released) {
      await Promise.all(released.map(async (name) => reserved.get(name)?.release()));
    },
    moved: names
      .filter(
        (name) => asked[name] === undefined && ![defaultPorts[name], remembered[name]].includes(portOf(name)),
      )
      .map((name) => defaultPorts[name]),
  };
}

/** The additional environment of a process beside the API: METRICS_ADDRESS with the port that is `after` the API's. */
export function metricsAfter(
  { METRICS_ADDRESS: address = '' }: NodeJS.ProcessEnv,
  after: 1 | 2,
): NodeJS.ProcessEnv {
  const [, host, port] = /^(.+):(\d+)$/.exec(address) ?? [];
  return host === undefined ? {} : { METRICS_ADDRESS: `${host}:${Number(port) + after}` };
}
