import { type ChildProcess, type Serializable, spawn } from 'node:child_process';
import { once } from 'node:events';
import { hasEnded } from '../stack/command-line';
import { projectRoot, typescriptArgs } from '../stack/project-root';

export interface NodeProcessOptions {
  /** For messages: "the API". */
  readonly name: string;
  /** JavaScript, or TypeScript of the lab. */
  readonly script: string;
  readonly args?: readonly string[];
  /** Its whole environment except PATH, so that the user's settings do not affect it. */
  readonly env?: Readonly<Record<string, string>>;
  /** Gets each message other than `ready`. */
  readonly onMessage?: (message: Serializable) => void;
  /** Told when it ends, once it was ready, though it was neither stopped nor killed here. */
  readonly onDied?: (error: Error) => void;
}

const READY_WITHIN_MS = 180_000;
const STOP_WITHIN_MS = 120_000;

/** A Node program of ours that can be killed and started again; it ends when this process does. All it ever said is kept. */
export class NodeProcess {
  #child: ChildProcess | undefined;
  #said = '';
  /** The one that is to end. */
  #ending: ChildProcess | undefined;

  constructor(private readonly options: NodeProcessOptions) {}

  /** Standard output and error of all its lives so far. */
  get output(): string {
    return this.#said;
  }

  get isRunning(): boolean {
    return this.#child !== undefined && !hasEnded(this.#child);
  }

  /** Of its newest life. */
  get pid(): number {
    return this.#child?.pid ?? -1;
  }

  /** Resolves once it says that it is ready. Throws with its output when it ends before that. */
  async start(): Promise<void> {
    const { name, script, args = [], env, onMessage, onDied } = this.options;
    const loader = script.endsWith('.ts') ? typescriptArgs : [];
    const child = spawn(process.execPath, [...loader, script, ...args], {
      cwd: projectRoot,
      env: { PATH: process.env['PATH'] ?? '', ...env },
      // By the IPC channel it says that it is ready, and notices when this process is gone.
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
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

  /** Sends a signal that it does something about. */
  signal(signal: NodeJS.Signals): void {
    this.#child?.kill(signal);
  }

  /** SIGSTOP: it freezes, and its connections stay open. */
  freeze(): void {
    this.signal('SIGSTOP');
  }

  /** SIGCONT: it goes on where it stood. */
  thaw(): void {
    this.signal('SIGCONT');
  }

  /** SIGKILL, and waits until it is gone. */
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

/** The end of what a process said, in an error message. */
const SHOWN = 4_000;
