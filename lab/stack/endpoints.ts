import { readFile, rm } from 'node:fs/promises';
import type { Endpoints } from '../../src/cli/running-stack';
import { writeFileAtomically } from './atomic-file';

export type { Endpoints };

/** The file contains the database's password, so only its owner may read it. */
export async function writeEndpoints(file: string, endpoints: Endpoints): Promise<void> {
  await writeFileAtomically(file, `${JSON.stringify(endpoints, null, 2)}\n`, 0o600);
}

export async function readEndpoints(file: string): Promise<Endpoints | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Endpoints;
  } catch {
    return undefined;
  }
}

export async function removeEndpoints(file: string): Promise<void> {
  await rm(file, { force: true });
}
