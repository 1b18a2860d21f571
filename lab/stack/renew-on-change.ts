import { join } from 'node:path';
import { styleText } from 'node:util';
import { CommandError, run } from './command-line';
import { projectRoot } from './project-root';
import type { Screen } from './screen';
import { watchSources, type SourceWatch } from './source-watch';
import type { Supervisor } from './supervisor';

export interface RenewalContext {
  readonly supervisor: Pick<Supervisor, 'renew'>;
  readonly screen: Pick<Screen, 'line'>;
  readonly signal: AbortSignal;
  /** The folder of the sources; and what builds them, which throws `CommandError` with what the compiler said. */
  readonly folder?: string;
  readonly build?: (signal: AbortSignal) => Promise<unknown>;
}

/** What `npm start` does when a source has changed. */
const buildWhatChanged = (signal: AbortSignal): Promise<string> =>
  run({ command: process.execPath, args: [join(projectRoot, 'scripts', 'setup.mjs')] }, { signal });

/** Builds again when a source changes, and renews what runs; where the build fails, they stay as they are. */
export function renewOnChange({
  supervisor,
  screen,
  signal,
  folder = join(projectRoot, 'src'),
  build = buildWhatChanged,
}: RenewalContext): SourceWatch {
  const say = (text: string) =>
    screen.line(`${styleText('dim', new Date().toLocaleTimeString('en-GB'))} ${text}`);
  say('Watching src: pages, API and worker are built again and restarted when a source changes.');

  return watchSources(folder, async (path) => {
    const startedAt = performance.now();
    say(`${path} changed: building.`);
    try {
      await build(signal);
      const works = await supervisor.renew(['web', 'api', 'worker']);
      if (signal.aborted) return;
      const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
      if (works)
        say(`${styleText('green', '✔')} Pages, API and worker restarted with it, ${seconds} s later.`);
      else say(`${styleText('yellow', '!')} Pages, API or worker do not work with it.`);
    } catch (error) {
      if (signal.aborted) return;
      const why = error instanceof CommandError ? error.output : String(error);
      say(`${styleText('yellow', '!')} The build failed; all go on as they were.\n${why}`);
    }
  });
}
