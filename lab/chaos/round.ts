/**
 * A round: many concurrent people, while parts of the system are killed with SIGKILL and restarted, or frozen for a while.
 * Then it checks that everything people were told is true, and happened once. The seed determines who does what, and when
 * each part is killed.
 */
import { setMaxListeners } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { forEachAtATime } from '../bench/support/measure';
import type { Progress } from '../bench/support/progress';
import { checkMail, emailsUnderWay } from './checks/mail';
import { checkRecords } from './checks/record';
import {
  checkAuditLog,
  checkCorrections,
  checkPasswords,
  checkPlanChanges,
  checkRegistrations,
  checkResets,
  checkTwoStep,
} from './checks/records';
import { checkOutputs, checkRuns, openRuns } from './checks/runs';
import { noFindings, type Findings } from './findings';
import { brokerRegistration } from './flows/broker-registration';
import { brokerReset } from './flows/broker-reset';
import { correction } from './flows/correction';
import type { Ending, FlowKind, Told } from './flows/flow';
import { memberReset } from './flows/member-reset';
import { passwordChange } from './flows/password-change';
import { planChange } from './flows/plan-change';
import { work, type UnitWork } from './flows/representatives';
import { rotation } from './flows/rotation';
import { signIn } from './flows/sign-in';
import { withdrawal } from './flows/withdrawal';
import { startKiller, type Killer, type PartRecord, type Strike } from './killer';
import { startScene, type PartName, type Scene } from './parts';
import { createRandom } from './random';
import { createVisitor, noTroubles, type Troubles, type Visitor } from './visitor';
import { openWorld, type World } from './world';

const KINDS: readonly FlowKind[] = [
  ...[memberReset, brokerRegistration, brokerReset, passwordChange],
  ...[rotation, planChange, withdrawal, correction, signIn],
];
const REPRESENTATIVES = 5;
const PREPARED_AT_ONCE = 6;
const CALM_CHECKED_EVERY_MS = 200;
const FLOW_WITHIN_MS = 8 * 60_000;
/** Attempts of a dead worker time out after 40 seconds, and notices whose change was never written end after a minute. */
const SETTLED_WITHIN_MS = 4 * 60_000;

export interface RoundOptions {
  readonly seed: number;
  readonly flows: number;
  readonly atATime: number;
  readonly targets: readonly PartName[];
  readonly cliPath: string;
  /** Parts are killed for at least this long and until `isEnough`, unless all flows end earlier. */
  readonly killForMs: number;
  readonly isEnough: (strikes: readonly Strike[]) => boolean;
  /** How long clients wait for a request in progress before they send a new one. */
  readonly keyPatienceMs: number;
  /** A person's maximum delay before sending something. */
  readonly thinkMs: number;
  /** Whether some may wait the 45 seconds until a new PIN can be requested. */
  readonly slow: boolean;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export interface FlowRecord {
  readonly kind: string;
  readonly outcome: string;
  readonly ms: number;
}

export interface RoundFigures {
  readonly seed: number;
  readonly targets: readonly PartName[];
  readonly flows: readonly FlowRecord[];
  readonly unit: UnitWork;
  readonly parts: ReadonlyMap<PartName, PartRecord>;
  readonly strikes: readonly Strike[];
  readonly troubles: Troubles;
  readonly findings: Findings;
  readonly killedForMs: number;
  readonly settledMs: number;
  readonly wholeMs: number;
}

interface Planned {
  readonly kind: string;
  readonly run: (visitor: Visitor) => Promise<Ending>;
}

export async function runRound(options: RoundOptions): Promise<RoundFigures> {
  const { progress, signal } = options;
  setMaxListeners(0, signal);
  progress.step('starting PostgreSQL, Temporal, a mail server, the API and a worker');
  const scene = await startScene(options);
  try {
    return await play(scene, options);
  } finally {
    progress.step('stopping what was started');
    await scene.stop();
  }
}

async function play(scene: Scene, options: RoundOptions): Promise<RoundFigures> {
  const { stack, mail, parts } = scene;
  const { seed, targets, progress, signal } = options;
  const startedAt = performance.now();

  progress.step(`preparing ${options.flows} flows`);
  const world = await openWorld(stack, mail, REPRESENTATIVES);
  const planned = await plan(world, options);

  progress.step(`${planned.length} flows, ${options.atATime} at a time, while parts are killed and frozen`);
  const killer = startKiller({ parts, targets, signal, random: createRandom(seed, 'kills') });
  const killsUntil = performance.now() + options.killForMs;
  const enough = setInterval(() => {
    if (performance.now() >= killsUntil && options.isEnough(killer.strikes)) void killer.calm();
  }, CALM_CHECKED_EVERY_MS);
  try {
    const killsFrom = performance.now();
    const lived = await live(world, planned, killer, options);
    const killedForMs = performance.now() - killsFrom;

    const settlingFrom = performance.now();
    await settle(scene, lived, options);
    const settledMs = performance.now() - settlingFrom;
    await check(scene, lived, options);
    await killer.end();
    checkOutputs(stack, lived.findings);
    return {
      seed,
      targets,
      ...lived,
      killedForMs,
      settledMs,
      parts: killer.records,
      strikes: killer.strikes,
      wholeMs: performance.now() - startedAt,
    };
  } finally {
    clearInterval(enough);
    await killer.calm();
    await killer.end();
  }
}

/** The results of all flows. */
interface Lived {
  readonly flows: readonly FlowRecord[];
  readonly told: readonly Told[];
  readonly unit: UnitWork;
  readonly troubles: Troubles;
  readonly findings: Findings;
}

/** Until the last flow has ended and everything is running again. */
async function live(
  world: World,
  planned: readonly Planned[],
  killer: Killer,
  options: RoundOptions,
): Promise<Lived> {
  const { seed, atATime, progress, signal } = options;
  const findings = noFindings();
  const troubles = noTroubles();
  const flows: FlowRecord[] = [];
  const told: Told[] = [];
  const unit: UnitWork = { completed: 0, released: 0, foundAgain: 0 };
  const visitorOf = (stream: string, withinMs: number): Visitor =>
    createVisitor({ ...options, ...world, troubles, withinMs, random: createRandom(seed, stream) });

  let over = false;
  const working = world.representatives.map(async (representative) => {
    const { staffNumber } = representative;
    const visitor = visitorOf(staffNumber, Number.POSITIVE_INFINITY);
    const random = createRandom(seed, `${staffNumber} at work`);
    // A representative who gives up leaves changes waiting; the flows report that too.
    await work(representative, visitor, random, () => over, unit).catch((error: unknown) => {
      if (!signal.aborted) findings.violations.push(`a representative: ${messageOf(error)}`);
    });
  });

  await forEachAtATime([...planned.entries()], atATime, signal, async ([at, { kind, run }]) => {
    const from = performance.now();
    const record = (outcome: string): void =>
      void flows.push({ kind, outcome, ms: performance.now() - from });
    try {
      const ending = await run(visitorOf(`flow ${at} on the way`, FLOW_WITHIN_MS));
      told.push(...ending.told);
      record(ending.outcome);
    } catch (error) {
      signal.throwIfAborted();
      findings.violations.push(`flow ${at}, ${kind}: ${messageOf(error)}`);
      record('stuck');
    }
    const down = killer.down().join(' and ') || 'nothing';
    progress.update(`${flows.length} ended; ${killer.strikes.length} kills and freezes, ${down} is down`);
  });
  over = true;
  await killer.calm();
  await Promise.all(working);
  signal.throwIfAborted();
  return { flows, told, unit, troubles, findings };
}

async function check(
  { stack, mail }: Scene,
  { told, troubles, findings }: Lived,
  options: RoundOptions,
): Promise<void> {
  const { seed, progress, signal } = options;
  const random = createRandom(seed, 'checks');
  const visitor = createVisitor({
    ...options,
    stack,
    troubles,
    random,
    withinMs: FLOW_WITHIN_MS,
    thinkMs: 0,
  });
  progress.step('checking what was told against what is');
  await checkTwoStep(stack, told, findings);
  await checkPasswords(stack, visitor, told, findings, signal);
  await checkResets(stack, told, findings);
  await checkRegistrations(stack, told, findings);
  await checkPlanChanges(stack, told, findings);
  await checkCorrections(stack, told, findings);
  await checkRecords(stack, findings);
  await checkAuditLog(stack, findings);
  await checkMail(stack, mail, findings);
  progress.step('replaying histories');
  await checkRuns(stack, told, findings);
  findings.violations.push(...troubles.wrong);
}

/** Each flow's kind and choices come from its own random stream, independent of the others. */
async function plan(world: World, { seed, flows, slow, signal, progress }: RoundOptions): Promise<Planned[]> {
  const planned: Planned[] = [];
  await forEachAtATime(
    Array.from({ length: flows }).map((_, at) => at),
    PREPARED_AT_ONCE,
    signal,
    async (at) => {
      const random = createRandom(seed, `flow ${at}`);
      const kind = random.weighted(KINDS);
      planned[at] = { kind: kind.name, run: await kind.prepare({ world, random, name: nameOf(at), slow }) };
      progress.update(`${planned.length} of ${flows}`);
    },
  );
  return planned;
}

/** Letters only, and never found by chance: anything that contains it belongs to this flow's people. */
const nameOf = (at: number): string =>
  `wuzzle${[676, 26, 1].map((unit) => letter(Math.floor(at / unit) % 26)).join('')}`;
const letter = (number: number): string => String.fromCharCode('a'.charCodeAt(0) + number);

/** Waits until every run that should end has ended, and no email may still go out. */
async function settle(
  { stack }: Scene,
  { told, findings }: Lived,
  { progress, signal }: RoundOptions,
): Promise<void> {
  progress.step('everything is up again: waiting until it is settled');
  const giveUpAt = performance.now() + SETTLED_WITHIN_MS;
  let quiet = 0;
  // Twice, because lists lag slightly behind the runs.
  while (quiet < 2) {
    signal.throwIfAborted();
    const { late } = await openRuns(stack, told).catch(() => ({ late: ['(something does not answer)'] }));
    const mails = await emailsUnderWay(stack).catch(() => 1);
    progress.update(`${late.length} runs open (${late.slice(0, 3).join(', ')}), ${mails} emails under way`);
    quiet = late.length === 0 && mails === 0 ? quiet + 1 : 0;
    if (performance.now() > giveUpAt) {
      findings.violations.push(...late.map((id) => `${id} did not end`));
      if (mails > 0) findings.violations.push(`${mails} emails are still under way`);
      return;
    }
    await sleep(700, undefined, { signal });
  }
}

const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));
