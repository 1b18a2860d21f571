/** What the pages of several benches have in common. */
import { cpus } from 'node:os';

export interface Aim {
  readonly aim: string;
  readonly measured: string;
  readonly met: boolean;
}

export const aimLines = (aims: readonly Aim[]): string =>
  aims.map(({ aim, measured, met }) => `${met ? 'met    ' : 'NOT MET'}  ${aim}: ${measured}`).join('\n');

export const machine = { cores: cpus().length, node: process.versions.node, platform: process.platform };

/** For the first line of a page. */
export const onOneServer = `on one server (${machine.cores} cores, Node ${machine.node})`;

/** At the end of a paragraph about times. */
export const notOnDisk = (inMemory: boolean): string =>
  inMemory ? ' The files were in memory: nothing waited for a disk.' : '';

/** For processes not shown by their own names. */
export const processTitles: Readonly<Record<string, string>> = {
  bench: 'the bench: client, SMTP sink',
  together: 'all of these together',
  others: 'anything else on the machine',
};
