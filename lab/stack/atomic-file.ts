import { rename, writeFile } from 'node:fs/promises';

/** Writes a file atomically: a reader sees the old or the new content. */
export async function writeFileAtomically(
  path: string,
  content: string | Buffer,
  mode = 0o644,
): Promise<void> {
  const temporary = `${path}.${process.pid}.tmp`;
  await writeFile(temporary, content, { mode });
  await rename(temporary, path);
}
