import { mkdir } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { styleText } from 'node:util';
import type { StackConfig } from './config';
import { readEndpoints, removeEndpoints, writeEndpoints } from './endpoints';
import { endpointsFile } from '../../src/cli/running-stack';
import { exitWithParent } from '../../src/compose/supervisor-channel';
import type { PartEvents } from './part';
import { builtPrograms, type Programs, stopOrder, stopping } from './parts';
import { renewOnChange } from './renew-on-change';
import { claimRunFile, removeRunFile, stopLeftover } from './run-files';
import { createScreen, type Output, type Screen } from './screen';
import { bringUp, stepTitles } from './stack';
import { Supervisor } from './supervisor';
import { welcome } from './welcome';

export interface RunStackOptions {
  readonly output: Output;
  readonly programs?: Programs;
  /** Builds again, and renews API and worker, when a source changes. */
  readonly watch?: boolean;
}

/** One Ctrl-C may arrive twice, from the terminal and through npm; two key presses are further apart. */
const sameSignalWithinMs = 400;

/** Runs the whole stack until Ctrl-C or SIGTERM; returns the process's exit code. Reports everything itself and never throws. */
export async function runStack(
  config: StackConfig,
  { output, programs = builtPrograms, watch = false }: RunStackOptions,
): Promise<number> {
  const files = {
    lock: join(config.home, 'run', 'supervisor.json'),
    endpoints: endpointsFile(config.home),
  };
  await mkdir(config.home, { recursive: true });
  const other = await claimRunFile(files.lock);
  if (other) {
    output.write(await alreadyRunning(config, other.pid, files.endpoints));
    return 1;
  }

  const screen = createScreen(output, stepTitles(config));
  const supervisor = new Supervisor(config.home, events(screen, config));
  const stop = new AbortController();
  const stopped = new Promise<void>((resolve) => stop.signal.addEventListener('abort', () => resolve()));
  onStopSignals({
    first: () => {
      // End the list first: steps that are interrupted by this have not failed.
      screen.end();
      stop.abort();
    },
    second: () => {
      screen.line('Ending everything at once.');
      supervisor.killAll();
    },
  });

  let exitCode = 0;
  try {
    await removeEndpoints(files.endpoints);
    await stopLeftovers(config.home, screen);
    const facts = await Promise.race([
      bringUp({ config, programs, supervisor, screen, signal: stop.signal }),
      stopped,
    ]);
    screen.end();
    if (facts) {
      await writeEndpoints(files.endpoints, facts.endpoints);
      screen.line(welcome({ ...facts, home: shortPath(facts.home) }));
      const watcher = watch ? renewOnChange({ supervisor, screen, signal: stop.signal }) : undefined;
      await stopped;
      watcher?.stop();
    } else {
      exitCode = 130;
    }
  } catch (error) {
    screen.end();
    if (stop.signal.aborted) {
      exitCode = 130;
    } else {
      exitCode = 1;
      screen.line(`\n${styleText('red', 'Tenure could not be started.')}\n${messageOf(error)}\n`);
    }
  }
  screen.line(
    exitCode === 1 ? 'Stopping what was started.' : 'Stopping; what is open goes on at the next start.',
  );
  await removeEndpoints(files.endpoints);
  await supervisor.stopAll(stopOrder, (part) => screen.line(`  stopping ${lowerFirst(part.title)}`));
  await removeRunFile(files.lock);
  screen.line(exitCode === 1 ? 'Stopped.' : 'Everything is stopped.');
  return exitCode;
}

/** Stops parts left by a killed supervisor, which would hold the ports and the data, before anything starts. */
async function stopLeftovers(home: string, screen: Screen): Promise<void> {
  for (const name of stopOrder) {
    const { stopSignal, stopWithinMs } = stopping[name];
    if (await stopLeftover(join(home, 'run', `${name}.json`), stopSignal, stopWithinMs)) {
      screen.line(`Stopped the ${name} that an earlier start had left behind.`);
    }
  }
}

/** A repeated warning within this time is not shown again. */
const sameWarningWithinMs = 10_000;

function events(screen: Screen, config: StackConfig): PartEvents {
  const shown = new Map<string, number>();
  const time = () => styleText('dim', new Date().toLocaleTimeString('en-GB'));
  const warn = (text: string) => screen.line(`${time()} ${styleText('yellow', '!')} ${text}`);
  return {
    died: (part, how) =>
      warn(
        `${part.title} ended ${how}. Starting it again. (log: ${shortPath(join(config.home, 'logs', `${part.name}.log`))})`,
      ),
    back: (part, afterMs) =>
      screen.line(
        `${time()} ${styleText('green', '✔')} ${part.title} works again after ${(afterMs / 1000).toFixed(1)} s.`,
      ),
    warned: (part, text) => {
      const key = `${part.name} ${text}`;
      const now = performance.now();
      if (now - (shown.get(key) ?? Number.NEGATIVE_INFINITY) < sameWarningWithinMs) return;
      shown.set(key, now);
      warn(`${part.title}: ${text}`);
    },
  };
}

function onStopSignals({ first, second }: { first: () => void; second: () => void }): void {
  let lastAt: number | undefined;
  const onSignal = () => {
    const now = performance.now();
    const again = lastAt !== undefined;
    if (lastAt !== undefined && now - lastAt < sameSignalWithinMs) return;
    lastAt = now;
    (again ? second : first)();
  };
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal);
  exitWithParent(onSignal);
}

async function alreadyRunning(config: StackConfig, pid: number, file: string): Promise<string> {
  const endpoints = await readEndpoints(file);
  const where = endpoints
    ? [
        `  Pages         ${endpoints.web}`,
        `  API           ${endpoints.api}`,
        `  API docs      ${endpoints.docs}`,
        ...(endpoints.inbox ? [`  Mail inbox    ${endpoints.inbox}`] : []),
        ...(endpoints.temporalUi ? [`  Temporal UI   ${endpoints.temporalUi}`] : []),
      ]
    : ['  It is starting or stopping just now.'];
  return [
    `Tenure already runs here (process ${pid}, state in ${shortPath(config.home)}):`,
    ...where,
    'Stop it with Ctrl-C there, or start a second one beside it with a home of its own: TENURE_HOME=.tenure-2 npm start',
    '',
  ].join('\n');
}

function messageOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const cause = error.cause instanceof Error ? `\n(${error.cause.message})` : '';
  return error.message + cause;
}

function shortPath(path: string): string {
  const near = relative(process.cwd(), path);
  return near && !near.startsWith('..') ? near : path;
}

function lowerFirst(text: string): string {
  return text.startsWith('The ') ? `t${text.slice(1)}` : text;
}
