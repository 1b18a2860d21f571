/** Tenure's own processes, as they are built, started and ended the hard way. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export const projectRoot = join(__dirname, '..', '..', '..');

const READY_WITHIN_MS = 180_000;

/** One process that can be killed and started again; everything it ever said is kept. */
export class TestProcess {
  #child: ChildProcess | undefined;
  #said = '';

  constructor(
    private readonly script: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /** Standard output and error of all its lives so far. */
  get output(): string {
    return this.#said;
  }

  get isRunning(): boolean {
    const child = this.#child;
    return child?.pid !== undefined && child.exitCode === null && child.signalCode === null;
  }

  /** Resolves once it reports that it works. Throws with its output when it ends before that. */
  async start(): Promise<void> {
    const child = spawn(process.execPath, ['--enable-source-maps', join(projectRoot, 'dist', this.script)], {
      cwd: projectRoot,
      // Nothing of the environment that the tests were started in, so that nobody's settings change their outcome.
      env: { PATH: process.env['PATH'] ?? '', ...this.env },
      // Over the IPC channel it reports itself ready, and ends when the tests are gone.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding('utf8').on('data', (chunk: string) => (this.#said += chunk));
    }
    const ready = await new Promise<boolean>((resolve) => {
      const timer = setTimeout(() => resolve(false), READY_WITHIN_MS);
      child.once('message', () => resolve(true));
      child.once('close', () => resolve(false));
      child.once('error', () => resolve(false));
      void Promise.race([once(child, 'message'), once(child, 'close')])
        .catch(() => undefined)
        .then(() => clearTimeout(timer));
    });
    if (!ready) {
      await this.kill();
      throw new Error(`${this.script} did not start:\n${this.#said}`);
    }
  }

  /** SIGSTOP: it stands still, its connections stay open. */
  freeze(): void {
    this.#child?.kill('SIGSTOP');
  }

  /** SIGCONT: it goes on where it stood. */
  thaw(): void {
    this.#child?.kill('SIGCONT');
  }

  /** SIGKILL, and waits until it is gone. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM; gives the exit code. */
  stop(): Promise<number | null> {
    this.thaw();
    return this.#end('SIGTERM');
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (!child || child.pid === undefined) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
    }
    return child.exitCode;
  }
}
