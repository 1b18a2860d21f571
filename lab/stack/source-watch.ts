import { watch } from 'node:fs';

export interface SourceWatch {
  stop(): void;
}

/** An editor saves in several steps, and a branch that is checked out is many files. */
const QUIET_MS = 300;

/** Whether a file is a source that a build reads. The Prisma client is build output, although it is among the sources. */
export const isSource = (path: string): boolean =>
  /\.(ts|json)$/.test(path) && !/(^|[/\\])generated[/\\]/.test(path);

/**
 * Calls `onChange` with a changed source under `folder`, once no other has changed for a moment. One call at a time: changes
 * in the meantime are reported after it has ended. `onChange` must not throw.
 */
export function watchSources(
  folder: string,
  onChange: (path: string) => Promise<void>,
  quietMs = QUIET_MS,
): SourceWatch {
  let timer: NodeJS.Timeout | undefined;
  let changed: string | undefined;
  let busy = false;
  let stopped = false;

  const watcher = watch(folder, { recursive: true }, (_event, path) => {
    if (path === null || !isSource(path)) return;
    changed = path;
    clearTimeout(timer);
    timer = setTimeout(() => void tell(), quietMs);
  });

  async function tell(): Promise<void> {
    if (busy) return;
    busy = true;
    while (changed !== undefined && !stopped) {
      const path = changed;
      changed = undefined;
      await onChange(path);
    }
    busy = false;
  }

  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
      watcher.close();
    },
  };
}
