import { type ChildProcess, spawn } from 'node:child_process';
import { createWriteStream, type WriteStream } from 'node:fs';
import { readFile, rename } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';
import { hasEnded, spawnOptions, splitLines } from './command-line';
import { warningIn } from './log-lines';
import type { Part, PartEvents } from './part';
import { removeRunFile, writeRunFile } from './run-files';
import { waitUntil } from './wait-until';

/** Restart delays double from the first to the last of these. */
const shortestBackoffMs = 250;
const longestBackoffMs = 10_000;

/** A part that has run this long has recovered; its next exit counts as the first again. */
const recoveredAfterMs = 30_000;

/** A part that exits this often before it was ever ready is not retried. */
const attemptsAtFirstStart = 5;

/** A part that never became ready, with the end of its log. */
export class PartFailedError extends Error {
  override readonly name = 'PartFailedError';
}

/** The stack was stopped while a part was starting. */
export class StoppedError extends Error {
  override readonly name = 'StoppedError';
}

/** Keeps one part running from `start` to `stop` and restarts it when it dies. */
export class SupervisedPart {
  private child: ChildProcess | undefined;
  private log: WriteStream | undefined;
  private stopping = false;
  private renewing = false;
  private everReady = false;
  private saidReady = false;
  private deaths = 0;
  private startedAt = 0;
  private readonly stopped = new AbortController();

  constructor(
    readonly part: Part,
    private readonly files: { readonly log: string; readonly run: string },
    private readonly events: PartEvents,
  ) {}

  /** Resolves once the part is ready. Throws `PartFailedError`, or `StoppedError` if stopped before that. */
  async start(): Promise<void> {
    await rename(this.files.log, `${this.files.log}.1`).catch(() => undefined);
    this.log = createWriteStream(this.files.log, { flags: 'a', mode: 0o600 });
    // A full disk costs the log, not the stack.
    this.log.on('error', () => undefined);
    await this.launch();
    const ready = await this.untilReady(this.part.startWithinMs);
    if (this.stopping) throw new StoppedError(`${this.part.title} was stopped`);
    if (!ready) throw await this.failure();
    this.everReady = true;
  }

  /** Leaves the part running, but does not restart it. */
  keepDown(): void {
    this.stopping = true;
    this.stopped.abort();
  }

  /** Stops the part: by its signal, then by force. */
  async stop(): Promise<void> {
    this.keepDown();
    await this.endChild();
    await removeRunFile(this.files.run);
    this.log?.end();
  }

  /** Stops the process like `stop` and starts another; returns whether that is ready. */
  async renew(): Promise<boolean> {
    this.renewing = true;
    try {
      await this.endChild();
      this.deaths = 0;
      await this.launch();
    } finally {
      this.renewing = false;
    }
    return this.untilReady(this.part.startWithinMs);
  }

  /** Kills the part and its children at once. */
  killGroup(): void {
    this.keepDown();
    this.killChild();
  }

  private async endChild(): Promise<void> {
    const child = this.child;
    if (!child || hasEnded(child)) return;
    child.kill(this.part.stopSignal);
    if (await waitUntil(() => hasEnded(child), { withinMs: this.part.stopWithinMs, everyMs: 20 })) return;
    this.killChild();
    await waitUntil(() => hasEnded(child), { withinMs: 5_000, everyMs: 20 });
  }

  private killChild(): void {
    const child = this.child;
    if (!child?.pid || hasEnded(child)) return;
    try {
      process.kill(-child.pid, 'SIGKILL');
    } catch {
      child.kill('SIGKILL');
    }
  }

  private async launch(): Promise<void> {
    const line = await this.part.command();
    // A part that is renewed while it waits for its next attempt has a process by then.
    if (this.stopping || (this.child && !hasEnded(this.child))) return;
    this.saidReady = false;
    this.startedAt = performance.now();
    const child = spawn(line.command, line.args, {
      ...spawnOptions(line),
      // Not in the terminal's process group: Ctrl-C must reach only the supervisor, which then stops the parts in order.
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe', ...(this.part.ours ? (['ipc'] as const) : [])],
    });
    this.child = child;
    const show = splitLines((text) => {
      const warning = warningIn(text, this.part.ours);
      if (warning !== undefined && !this.stopping) this.events.warned(this.part, warning);
    });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => {
        this.note(chunk);
        show(chunk);
      });
    }
    child.on('message', (message) => {
      if (message === 'ready') this.saidReady = true;
    });
    let over = false;
    const ended = (how: string) => {
      if (over) return;
      over = true;
      this.note(`--- ended ${how}\n`);
      if (!this.stopping && !this.renewing) void this.restart(how);
    };
    child.once('error', (error) => ended(`before it began: ${error.message}`));
    child.once('exit', (code, signal) => ended(signal ? `by ${signal}` : `with exit code ${code}`));
    if (child.pid !== undefined) await writeRunFile(this.files.run, child.pid);
  }

  /** A dying part's last output may arrive after its log was closed. */
  private note(text: string): void {
    if (this.log && !this.log.writableEnded) this.log.write(text);
  }

  private async restart(how: string): Promise<void> {
    const diedAt = performance.now();
    this.deaths = diedAt - this.startedAt > recoveredAfterMs ? 1 : this.deaths + 1;
    if (this.everReady) this.events.died(this.part, how);
    else if (this.deaths >= attemptsAtFirstStart) return;
    try {
      const waitMs = Math.min(longestBackoffMs, shortestBackoffMs * 2 ** (this.deaths - 1));
      await sleep(waitMs, undefined, { signal: this.stopped.signal });
      await this.launch();
      // During the first start, `start` polls.
      if (this.everReady && (await this.untilReady(this.part.startWithinMs)) && !this.stopping) {
        this.events.back(this.part, performance.now() - diedAt);
      }
    } catch (error) {
      if (!this.stopping)
        this.events.warned(this.part, error instanceof Error ? error.message : String(error));
    }
  }

  private untilReady(withinMs: number): Promise<boolean> {
    const launched = this.child;
    let ready = false;
    return waitUntil(
      async () => {
        if (this.stopping) return true;
        // Another caller waits for the next process; or there will be none.
        if (this.everReady && this.child !== launched) return true;
        if (!this.everReady && this.deaths >= attemptsAtFirstStart) return true;
        const alive = this.child !== undefined && !hasEnded(this.child);
        ready = alive && (await this.part.isReady(this.saidReady, performance.now() - this.startedAt));
        return ready;
      },
      { withinMs, everyMs: 100 },
    ).then(() => ready);
  }

  private async failure(): Promise<PartFailedError> {
    const log = await readFile(this.files.log, 'utf8').catch(() => '');
    const end = log.trimEnd().split('\n').slice(-12).join('\n');
    return new PartFailedError(`${this.part.title} did not start. The end of ${this.files.log}:\n${end}`);
  }
}
