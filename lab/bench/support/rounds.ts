/** One kind of flow, measured concurrently and alone, and the totals of several rounds. */
import { cpuUsed, readCpu } from './cpu';
import { residentMb } from './processes';
import { forEachAtATime, spreadOf, timeMs, type Spread } from './measure';

/** Milliseconds of each step of a flow, and of the total. */
type Times<Step extends string> = Readonly<Record<Step, number>>;

export interface Variant<Step extends string> {
  readonly name: string;
  run(): Promise<Times<Step>>;
  /** The processes whose CPU time is reported, by name; the bench's own is included. */
  readonly pids: Readonly<Record<string, number>>;
}

export interface Round<Step extends string> {
  readonly variant: string;
  readonly wallMs: number;
  readonly busy: readonly Times<Step>[];
  readonly alone: readonly Times<Step>[];
  /** CPU seconds while flows ran concurrently. */
  readonly cpu: Readonly<Record<string, number>>;
  /** Resident memory of each process after these. */
  readonly memoryMb: Readonly<Record<string, number>>;
  /** How long the remaining background work took after the last flow. */
  readonly drainMs: number;
}

export interface RoundOptions {
  readonly flows: number;
  readonly alone: number;
  readonly atATime: number;
  readonly signal: AbortSignal;
  /** Called between both parts, to let background work finish. */
  between(): Promise<void>;
  onProgress(detail: string): void;
}

/** One round's share of `total`; the last round takes the remainder. */
export function shareOf(total: number, rounds: number, number: number): number {
  const each = Math.floor(total / rounds);
  return number < rounds ? each : total - each * (rounds - 1);
}

export async function measureRound<Step extends string>(
  variant: Variant<Step>,
  options: RoundOptions,
): Promise<Round<Step>> {
  const { flows, alone, atATime, signal, onProgress } = options;
  const run = async (howMany: number, parallel: number, how: string): Promise<Times<Step>[]> => {
    const done: Times<Step>[] = [];
    await forEachAtATime(Array.from({ length: howMany }), parallel, signal, async () => {
      done.push(await variant.run());
      onProgress(`${done.length} of ${howMany} ${how}`);
    });
    return done;
  };

  const cpuBefore = readCpu(variant.pids);
  const startedAtMs = performance.now();
  const busy = await run(flows, atATime, `at ${atATime} at a time`);
  const wallMs = performance.now() - startedAtMs;
  const cpu = cpuUsed(cpuBefore, readCpu(variant.pids));
  const memory = Object.entries(variant.pids).map(([name, pid]) => [name, residentMb(pid)] as const);
  const drainMs = await timeMs(options.between);
  return {
    variant: variant.name,
    wallMs,
    busy,
    alone: await run(alone, 1, 'alone'),
    cpu,
    memoryMb: Object.fromEntries(memory),
    drainMs,
  };
}

export interface Summary<Step extends string> {
  /** Flows a second, of all rounds and of each. */
  readonly rate: number;
  readonly rates: readonly number[];
  /** The same until nothing was left to do in the background. */
  readonly drainedRate: number;
  readonly busy: Readonly<Record<Step, Spread>>;
  readonly alone: Readonly<Record<Step, Spread>>;
  /** The share of one core that each process used while flows ran concurrently: 1 is a whole core. */
  readonly cores: Readonly<Record<string, number>>;
  /** CPU milliseconds per flow. */
  readonly cpuMsAFlow: Readonly<Record<string, number>>;
  /** Of the last round. PostgreSQL's is that of its first process, without those of its connections. */
  readonly memoryMb: Readonly<Record<string, number>>;
  readonly drainMs: readonly number[];
}

export function summarise<Step extends string>(rounds: readonly Round<Step>[]): Summary<Step> {
  const flows = sum(rounds.map(({ busy }) => busy.length));
  const wallMs = sum(rounds.map((round) => round.wallMs));
  const names = Object.keys(rounds[0]?.cpu ?? {});
  const cpuMs = (name: string) => sum(rounds.map(({ cpu }) => (cpu[name] ?? Number.NaN) * 1000));
  return {
    rate: (flows / wallMs) * 1000,
    rates: rounds.map(({ busy, wallMs: ms }) => (busy.length / ms) * 1000),
    drainedRate: (flows / (wallMs + sum(rounds.map(({ drainMs }) => drainMs)))) * 1000,
    busy: spreadsOf(rounds.flatMap(({ busy }) => busy)),
    alone: spreadsOf(rounds.flatMap(({ alone }) => alone)),
    cores: Object.fromEntries(names.map((name) => [name, cpuMs(name) / wallMs])),
    cpuMsAFlow: Object.fromEntries(names.map((name) => [name, cpuMs(name) / flows])),
    memoryMb: rounds.at(-1)?.memoryMb ?? {},
    drainMs: rounds.map(({ drainMs }) => drainMs),
  };
}

function spreadsOf<Step extends string>(times: readonly Times<Step>[]): Readonly<Record<Step, Spread>> {
  const steps = Object.keys(times[0] ?? {}) as Step[];
  const spreads = steps.map((step) => [step, spreadOf(times.map((each) => each[step]))]);
  return Object.fromEntries(spreads) as Record<Step, Spread>;
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
