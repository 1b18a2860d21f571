/**
 * The timing check: whether response times distinguish known people from invented ones.
 * The calls for both are made sequentially in random order, each for a person not used for it before.
 */
import { randomInt } from 'node:crypto';
import { hash } from '@node-rs/argon2';
import { setTimeout as sleep } from 'node:timers/promises';
import { ARGON2_COST } from '../../src/adapters/keys/password-hasher';
import { defineBench } from './bench';
import { AGENT_NAMES, importAgents, registerAgent, type BenchAgent } from './support/agents';
import { createJsonClient, type Answer, type JsonClient } from '../system/json-client';
import { areaUnderCurve, chanceBand } from './support/mann-whitney';
import { forEachAtATime, median } from './support/measure';
import { importMembers, turnTwoStepOn, type BenchMember } from './support/members';
import type { Progress } from './support/progress';
import type { BenchStack } from './support/stack';
import { timingReport, type TimedCall, type TimingFigures } from './timing-report';

/** Warm-up calls for each group, until the processes are at full speed. */
const WARM_UPS = 20;
const REGISTRATIONS_AT_ONCE = 4;
const SETTLE_MS = 3_000;

export const timingBench = defineBench({
  name: 'timing',
  summary: 'whether the times of answers tell existing people from invented ones',
  withinMinutes: 60,
  options: {
    samples: { usual: 200, least: 20, most: 5_000, means: 'timings of existing and of invented people each' },
    pause: { usual: 60, least: 0, most: 2_000, means: 'milliseconds of rest before each timing' },
  },
  run: async ({ stack, progress, options }) => timingReport(await measure(stack, progress, options)),
});

interface Options {
  readonly samples: number;
  readonly pause: number;
}

type Face = 'existing' | 'invented';

interface Opened {
  readonly id: string;
  readonly token: string;
  readonly questions?: readonly { readonly id: string }[];
}

/** People of one group: invented ones look like existing ones but are in no roster. */
interface People {
  readonly members: readonly BenchMember[];
  /** Registered, so that they have a username and questions. */
  readonly brokers: readonly BenchAgent[];
  /** Not registered. */
  readonly agents: readonly BenchAgent[];
  /** The resets they opened, for the following proofs. */
  readonly memberResets: Opened[];
  readonly brokerResets: Opened[];
}

interface Scenario {
  readonly title: string;
  call(http: JsonClient, people: People, index: number): Promise<Answer>;
  /** Stores the parts of the answer that a later scenario needs. */
  keep?(people: People, index: number, answer: Answer): void;
  /** Preparation before its first call. */
  prepare?(stack: BenchStack, http: JsonClient, people: Readonly<Record<Face, People>>): Promise<void>;
  /** A guess that was right by chance, which is ignored. */
  readonly luckyStatus?: number;
}

const WRONG = { ssnLast6: '987654', lastName: 'Nobody', password: 'Rainy_day8', answer: 'nothing of it' };

function wrongPin(http: JsonClient, { memberResets }: People, index: number): Promise<Answer> {
  const { id, token } = memberResets[index]!;
  return http.ask(`/v1/password-resets/${id}/pin`, { pin: String(randomInt(1000, 10_000)) }, token);
}

const scenarios: readonly Scenario[] = [
  {
    title: 'member: opening a reset',
    prepare: async ({ mail }) => mail.hold(true),
    call: (http, { members }, index) =>
      http.ask('/v1/portals/member/password-resets', { email: members[index]!.email }),
    keep: ({ memberResets }, index, { body }) => (memberResets[index] = body as Opened),
  },
  { title: 'member: wrong PIN while the mail server holds the email', call: wrongPin, luckyStatus: 200 },
  {
    title: 'member: wrong PIN after the email went',
    async prepare({ mail, signal }, _http, { existing }) {
      mail.hold(false);
      while (mail.counts().pins < existing.members.length) await sleep(100, undefined, { signal });
    },
    call: wrongPin,
    luckyStatus: 200,
  },
  {
    title: 'member: wrong PIN after another page has succeeded',
    async prepare({ mail, signal }, http, { existing }) {
      await forEachAtATime(existing.members, REGISTRATIONS_AT_ONCE, signal, async ({ email }) => {
        const { id, token } = await http.post<Opened>('/v1/portals/member/password-resets', { email });
        await http.post(`/v1/password-resets/${id}/pin`, { pin: await mail.pinFor(email) }, token);
        await http.post(`/v1/password-resets/${id}/username`, {}, token);
      });
    },
    call: wrongPin,
  },
  {
    title: 'member: another PIN after another page has succeeded',
    call: (http, { memberResets }, index) => {
      const { id, token } = memberResets[index]!;
      return http.ask(`/v1/password-resets/${id}/resend`, {}, token);
    },
  },
  {
    title: 'member: signing in with two-step verification on, wrong password',
    prepare: async (stack) => turnTwoStepOn(stack, await hash(WRONG.password.toUpperCase(), ARGON2_COST)),
    call: (http, { members }, index) => {
      const { username } = members[index]!;
      return http.ask('/v1/portals/member/sessions', { username, password: WRONG.password });
    },
  },
  {
    title: 'broker: opening a reset',
    call: (http, { brokers }, index) => {
      const { username } = brokers[index]!;
      return http.ask('/v1/portals/broker/password-resets', { username, ...AGENT_NAMES });
    },
    keep: ({ brokerResets }, index, { body }) => (brokerResets[index] = body as Opened),
  },
  {
    title: 'broker: wrong answers',
    call: (http, { brokerResets }, index) => {
      const { id, token, questions = [] } = brokerResets[index]!;
      const answers = questions.map((question) => ({ questionId: question.id, answer: WRONG.answer }));
      return http.ask(`/v1/password-resets/${id}/answers`, { answers }, token);
    },
  },
  {
    title: 'broker: access code with wrong digits',
    call: (http, { agents }, index) =>
      http.ask('/v1/portals/broker/registrations/verifications', {
        lastName: AGENT_NAMES.lastName,
        accessCode: `C${agents[index]!.agentNumber}${WRONG.ssnLast6}A`,
      }),
  },
  {
    title: 'broker: signing in, wrong password',
    call: (http, { brokers }, index) =>
      http.ask('/v1/portals/broker/sessions', {
        username: brokers[index]!.username,
        password: WRONG.password,
      }),
  },
  {
    title: 'broker: forgotten username, wrong name',
    call: (http, { brokers }, index) =>
      http.ask('/v1/portals/broker/username-reminders', {
        ...AGENT_NAMES,
        lastName: WRONG.lastName,
        agentNumber: brokers[index]!.agentNumber,
      }),
  },
];

async function measure(stack: BenchStack, progress: Progress, options: Options): Promise<TimingFigures> {
  const { signal } = stack;
  const { samples, pause } = options;
  const ofEachFace = samples + WARM_UPS;

  progress.step('starting the API and the worker');
  const api = await stack.startApi();
  await stack.startWorker();
  const http = createJsonClient(api.port, { keepAlive: true });

  const people = await makePeople(stack, http, progress, ofEachFace);
  await sleep(SETTLE_MS, undefined, { signal });

  const calls: TimedCall[] = [];
  for (const [number, { title, prepare, call, keep, luckyStatus }] of scenarios.entries()) {
    progress.step(`${number + 1} of ${scenarios.length}, ${title}`);
    await prepare?.(stack, http, people);
    const timesMs: Record<Face, number[]> = { existing: [], invented: [] };
    const shapes = new Set<string>();
    const turns = [...shuffledTurns(0, WARM_UPS), ...shuffledTurns(WARM_UPS, ofEachFace)];
    for (const [done, { face, index }] of turns.entries()) {
      await sleep(pause, undefined, { signal });
      const beganMs = performance.now();
      const answer = await call(http, people[face], index);
      const tookMs = performance.now() - beganMs;
      if (answer.status === luckyStatus) continue;
      if (index >= WARM_UPS) timesMs[face].push(tookMs);
      shapes.add(shapeOf(answer));
      keep?.(people[face], index, answer);
      progress.update(`${done + 1} of ${turns.length}`);
    }
    if (shapes.size !== 1) throw new Error(`${title}: several answers: ${[...shapes].join(' and ')}`);
    const { existing, invented } = timesMs;
    calls.push({
      title,
      answered: [...shapes][0]!,
      existingMs: median(existing),
      inventedMs: median(invented),
      auc: areaUnderCurve(existing, invented),
    });
  }
  http.close();
  return { samples, pauseMs: pause, band: chanceBand(samples, samples), calls };
}

/** Half of them are imported, and half of the brokers registered; chosen at random, so that nothing else distinguishes them. */
async function makePeople(
  stack: BenchStack,
  http: JsonClient,
  progress: Progress,
  ofEachFace: number,
): Promise<Record<Face, People>> {
  progress.step('importing members and agents');
  // One agent per person: the same digits and names would be somebody who already has an account.
  const agents = shuffled(
    Array.from({ length: 4 * ofEachFace }, (_, index): BenchAgent => {
      const name = `b${letters(index)}`;
      return { username: name, agentNumber: name.toUpperCase(), ssnLast6: String(100_000 + index) };
    }),
  );
  const take = <Item>(items: Item[]): Item[] => items.splice(0, ofEachFace);
  const [brokers, unregistered, noBrokers, noAgents] = [agents, agents, agents, agents].map(take) as [
    BenchAgent[],
    BenchAgent[],
    BenchAgent[],
    BenchAgent[],
  ];
  await importAgents(stack, [...brokers, ...unregistered]);
  const members = await importMembers(stack, ofEachFace);
  const noMembers = members.map(({ username, email }) => ({
    username: username.replace('bench', 'nobod'),
    email: email.replace('member-', 'nobody-'),
  }));

  progress.step('registering brokers');
  let registered = 0;
  await forEachAtATime(brokers, REGISTRATIONS_AT_ONCE, stack.signal, async (broker) => {
    await registerAgent(http, broker);
    progress.update(`${++registered} of ${brokers.length}`);
  });
  const opens = () => ({ memberResets: [], brokerResets: [] });
  return {
    existing: { members, brokers, agents: unregistered, ...opens() },
    invented: { members: noMembers, brokers: noBrokers, agents: noAgents, ...opens() },
  };
}

interface Turn {
  readonly face: Face;
  readonly index: number;
}

/** All people of both groups from one index to another, in random order. */
function shuffledTurns(from: number, to: number): Turn[] {
  const indexes = Array.from({ length: to - from }, (_, index) => from + index);
  const faces: readonly Face[] = ['existing', 'invented'];
  return shuffled(faces.flatMap((face) => indexes.map((index): Turn => ({ face, index }))));
}

function shuffled<Item>(items: readonly Item[]): Item[] {
  const rest = [...items];
  return items.map(() => rest.splice(randomInt(rest.length), 1)[0]!);
}

/** Status, fields and problem code: these must be the same for everybody. */
function shapeOf({ status, body }: Answer): string {
  const { code } = body;
  return typeof code === 'string' ? `${status} ${code}` : `${status} ${Object.keys(body).join(' ')}`;
}

/** Five letters, because usernames may not have many digits in a row. */
function letters(index: number): string {
  return Array.from({ length: 5 }, (_, place) =>
    String.fromCharCode(97 + (Math.floor(index / 26 ** place) % 26)),
  ).join('');
}
