import { randomBytes } from 'node:crypto';
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';

/** A key of the embedded stack, created on the first start and kept: without it nothing that it made is good any more. */
export function keepKey(file: string): Promise<string> {
  return keepSecret(file, () => `k1:${randomBytes(32).toString('base64')}`);
}

/** A password that needs no escaping in a URL. */
export function keepPassword(file: string): Promise<string> {
  return keepSecret(file, () => randomBytes(24).toString('base64url'));
}

/** Reads a secret from `file`, or creates it; readable only by its owner. Concurrent processes agree on one. */
export async function keepSecret(file: string, make: () => string): Promise<string> {
  const kept = await readSecret(file);
  if (kept) return kept;
  await mkdir(dirname(file), { recursive: true });
  const temporary = `${file}.${process.pid}.tmp`;
  await writeFile(temporary, `${make()}\n`, { mode: 0o600 });
  try {
    // A link never replaces a file: the first process creates the secret for both.
    await link(temporary, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    await rm(temporary, { force: true });
  }
  const made = await readSecret(file);
  if (!made)
    throw new Error(`${file} is empty. Remove it and start again; secrets made with the lost one are void.`);
  return made;
}

async function readSecret(file: string): Promise<string | undefined> {
  try {
    return (await readFile(file, 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
}
