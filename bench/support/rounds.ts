/** One kind of flow, measured at so many at a time and alone; and what several rounds of it come to. */
import { cpuUsed, readCpu } from './cpu';
import { answersMs, wholeMs, type FlowSteps } from './flow-steps';
import { forEachAtATime, spreadOf, type Spread } from './measure';

export interface Variant {
  readonly name: string;
  run(): Promise<FlowSteps>;
  /** Whose CPU time is told, by what they are called; the bench's own is told too. */
  readonly pids: Readonly<Record<string, number>>;
}

export interface Round {
  readonly variant: string;
  readonly wallMs: number;
  readonly busy: readonly FlowSteps[];
  readonly alone: readonly FlowSteps[];
  /** CPU seconds while flows ran at so many at a time. */
  readonly cpu: Readonly<Record<string, number>>;
  /** What was still to do in the background when the last flow was over took so long. */
  readonly drainMs?: number;
}

export interface RoundOptions {
  readonly flows: number;
  readonly alone: number;
  readonly atATime: number;
  readonly signal: AbortSignal;
  /** Called between both parts, to let the background come to rest. */
  between(): Promise<void>;
  onProgress(detail: string): void;
}

export async function measureRound(variant: Variant, options: RoundOptions): Promise<Round> {
  const { flows, alone, atATime, signal, onProgress } = options;
  const run = async (howMany: number, parallel: number, how: string): Promise<FlowSteps[]> => {
    const done: FlowSteps[] = [];
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
  await options.between();
  return { variant: variant.name, wallMs, busy, alone: await run(alone, 1, 'alone'), cpu };
}

type Times = Readonly<Record<keyof FlowSteps | 'whole' | 'answers', Spread>>;

export interface Summary {
  /** Flows a second, of all rounds and of each. */
  readonly rate: number;
  readonly rates: readonly number[];
  readonly busy: Times;
  readonly alone: Times;
  /** How much of one core each process used while flows ran at so many at a time: 1 is a whole core. */
  readonly cores: Readonly<Record<string, number>>;
  /** CPU milliseconds a flow. */
  readonly cpuMsAFlow: Readonly<Record<string, number>>;
  readonly drainMs: readonly number[];
}

export function summarise(rounds: readonly Round[]): Summary {
  const flows = sum(rounds.map(({ busy }) => busy.length));
  const wallMs = sum(rounds.map((round) => round.wallMs));
  const names = Object.keys(rounds[0]?.cpu ?? {});
  const cpuMs = (name: string) => sum(rounds.map(({ cpu }) => (cpu[name] ?? Number.NaN) * 1000));
  return {
    rate: (flows / wallMs) * 1000,
    rates: rounds.map(({ busy, wallMs: ms }) => (busy.length / ms) * 1000),
    busy: timesOf(rounds.flatMap(({ busy }) => busy)),
    alone: timesOf(rounds.flatMap(({ alone }) => alone)),
    cores: Object.fromEntries(names.map((name) => [name, cpuMs(name) / wallMs])),
    cpuMsAFlow: Object.fromEntries(names.map((name) => [name, cpuMs(name) / flows])),
    drainMs: rounds.map(({ drainMs }) => drainMs ?? 0),
  };
}

function timesOf(steps: readonly FlowSteps[]): Times {
  const of = (value: (each: FlowSteps) => number) => spreadOf(steps.map(value));
  return {
    open: of(({ open }) => open),
    mail: of(({ mail }) => mail),
    pin: of(({ pin }) => pin),
    password: of(({ password }) => password),
    whole: of(wholeMs),
    answers: of(answersMs),
  };
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);
