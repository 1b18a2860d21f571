import { type ChildProcess, type Serializable, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasEnded } from '../stack/command-line';
import { nodeArgs, projectRoot } from '../stack/project-root';

export interface NodeProcessOptions {
  /** For messages: "the API". */
  readonly name: string;
  /** JavaScript, or TypeScript of the lab. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Its whole environment except PATH, so that the user's settings do not affect it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Called with each message other than `ready`. */
  readonly onMessage?: (message: Serializable) => void;
  /** Aborted: it is killed at once, even while it starts. */
  readonly signal?: AbortSignal | undefined;
  /** Called if it ends after it was ready, without being stopped or killed here. */
  readonly onDied?: (error: Error) => void;
}

const READY_WITHIN_MS = 180_000;
const STOP_WITHIN_MS = 120_000;

/** A Node process of ours that can be killed and restarted. It ends when this process does. All its output is kept. */
export class NodeProcess {
  #child: ChildProcess | undefined;
  #said = '';
  /** The process that is being ended. */
  #ending: ChildProcess | undefined;

  constructor(private readonly options: NodeProcessOptions) {}

  /** Standard output and error of all its lives so far. */
  get output(): string {
    return this.#said;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && !hasEnded(this.#child);
  }

  /** Of its latest life. */
  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  /** Resolves once it reports that it is ready. Throws with its output if it ends before that. */
  async start(): Promise<void> {
    const { name, script, args, env, signal: until, onMessage, onDied } = this.options;
    const child = spawn(process.execPath, nodeArgs(script, args), {
      cwd: projectRoot,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      // It uses the IPC channel to report that it is ready, and to notice when this process has ended.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      signal: until,
      killSignal: 'SIGKILL',
    });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream?.setEncoding('utf8').on('data', (chunk: string) => (this.#said += chunk));

    let isReady = false;
    await new Promise<void>((resolve) => {
      const impatience = setTimeout(resolve, READY_WITHIN_MS);
      const over = (): void => {
        clearTimeout(impatience);
        resolve();
      };
      child.on('message', (message) => {
        if (message !== 'ready') return onMessage?.(message);
        isReady = true;
        over();
      });
      child.on('error', over);
      child.once('close', (code, signal) => {
        over();
        if (isReady && this.#ending !== child)
          onDied?.(new Error(`${name} ended (${signal ?? code}):\n${this.#said.slice(-SHOWN)}`));
      });
    });
    if (isReady) return;
    await this.kill();
    throw new Error(`${name} did not start:\n${this.#said}`);
  }

  /** Sends a signal that it handles. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** SIGSTOP: it freezes, and its connections stay open. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  /** SIGCONT: it continues. */
  thaw(): void {
    this.signal('SIGCONT');
  }

  /** SIGKILL; waits until it has ended. */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /** SIGTERM, and after two minutes SIGKILL; returns the exit code. */
  async stop(): Promise<number | null> {
    this.thaw();
    const impatience = setTimeout(() => this.signal('SIGKILL'), STOP_WITHIN_MS);
    try {
      return await this.#end('SIGTERM');
    } finally {
      clearTimeout(impatience);
    }
  }

  async #end(signal: NodeJS.Signals): Promise<number | null> {
    const child = this.#child;
    if (child === undefined) return null;
    this.#ending = child;
    if (!hasEnded(child)) {
      const closed = once(child, 'close');
      child.kill(signal);
      await closed;
    }
    return child.exitCode;
  }
}

/** How many characters of the output's end an error message shows. */
const SHOWN = 4_000;
