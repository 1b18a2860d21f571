import { readdirSync, statSync, watch, type FSWatcher } from 'node:fs';
import { join } from 'node:path';

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

  const watchers = watchFolders(folder, (path) => {
    if (!isSource(path)) return;
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
      watchers.stop();
    },
  };
}

/**
 * Reports each file under `root` that is written, added or removed, with its path from there. One watcher for each folder: on
 * Linux, the recursive watcher of Node.js 20 no longer sees a file that an editor has replaced.
 */
function watchFolders(root: string, onFile: (path: string) => void): SourceWatch {
  const watchers = new Map<string, FSWatcher>();

  function add(folder: string): void {
    watchers.get(folder)?.close();
    const watcher = watch(join(root, folder), (event, name) => {
      if (name === null) return;
      const path = join(folder, name);
      onFile(path);
      if (event === 'rename') addIfNew(path);
    });
    // A folder that is removed ends its watcher; on some systems with an error.
    watcher.on('error', () => watcher.close());
    watchers.set(folder, watcher);
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
      if (entry.isDirectory()) add(join(folder, entry.name));
    }
  }

  /** Files may be written to a new folder before it is watched. */
  function addIfNew(path: string): void {
    try {
      if (!statSync(join(root, path)).isDirectory()) return;
      add(path);
      for (const file of readdirSync(join(root, path), { recursive: true, encoding: 'utf8' })) {
        onFile(join(path, file));
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    }
  }

  add('');
  return {
    stop() {
      for (const watcher of watchers.values()) watcher.close();
    },
  };
}
