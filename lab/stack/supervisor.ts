import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Part, PartEvents } from './part';
import { StoppedError, SupervisedPart } from './supervised-part';

/** Runs the parts of one stack, and stops them together. */
export class Supervisor {
  private readonly running: SupervisedPart[] = [];
  private stopping = false;

  constructor(
    private readonly home: string,
    private readonly events: PartEvents,
  ) {}

  /** Starts a part and keeps it running; resolves once it is ready. */
  async start(part: Part): Promise<void> {
    if (this.stopping) throw new StoppedError('the stack is stopping');
    await Promise.all(
      ['logs', 'run'].map((name) => mkdir(join(this.home, name), { recursive: true, mode: 0o700 })),
    );
    const supervised = new SupervisedPart(
      part,
      { log: this.logOf(part), run: join(this.home, 'run', `${part.name}.json`) },
      this.events,
    );
    this.running.push(supervised);
    await supervised.start();
  }

  /** Stops the named parts and starts them with the current build; returns whether all are ready again. */
  async renew(names: readonly string[]): Promise<boolean> {
    const renewed = this.running.filter(({ part }) => names.includes(part.name));
    const works = await Promise.all(renewed.map((supervised) => supervised.renew()));
    return works.every(Boolean);
  }

  /** Stops the parts one after the other, in the order of these names. Nothing is restarted from now on. */
  async stopAll(order: readonly string[], onStop: (part: Part) => void = () => undefined): Promise<void> {
    this.stopping = true;
    const inOrder = this.running.toSorted((a, b) => order.indexOf(a.part.name) - order.indexOf(b.part.name));
    for (const supervised of inOrder) supervised.keepDown();
    for (const supervised of inOrder) {
      onStop(supervised.part);
      await supervised.stop();
    }
  }

  /** Kills everything at once. */
  killAll(): void {
    this.stopping = true;
    for (const supervised of this.running) supervised.killGroup();
  }

  logOf(part: Part): string {
    return join(this.home, 'logs', `${part.name}.log`);
  }
}
