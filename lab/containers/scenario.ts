/** What happens to Tenure in containers: people use it, there are two of each, workers are killed, it is told to stop. */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../stack/wait-until';
import { importRosters, callInTurn, createKeys, createPlanChanges, createReset, type Member } from './flows';
import { CheckError, type Checks } from './checks';
import { isWell, type Compose, type Container } from './compose';
import type { Engine } from './engine';
import { openInbox, type Inbox } from './inbox';
import type { Call } from '../system/json-client';

interface Scenario {
  readonly compose: Compose;
  readonly engine: Engine;
  readonly checks: Checks;
  readonly signal: AbortSignal;
}

const UP_WITHIN_MS = 5 * 60_000;
const SETTLED_WITHIN_MS = 3 * 60_000;

const FIRST: Member = { username: 'avamorgan', email: 'ava.morgan@example.com' };
/** Those in whose resets workers are killed. */
const OTHERS: readonly Member[] = [
  { username: 'jtran84', email: 'james.tran@example.com' },
  { username: 'luciareyes', email: 'lucia.reyes@example.com' },
  { username: 'sobrien', email: 'siobhan.obrien@example.com' },
  { username: 'mwashington', email: 'marcus.washington@example.com' },
  { username: 'priyapatel', email: 'priya.patel@example.com' },
  { username: 'hkowalski', email: 'hanna.kowalski@example.com' },
];

export async function useTenure(scenario: Scenario): Promise<void> {
  const { compose, checks } = scenario;
  const { step, expect } = checks;

  await step('Building Tenure’s image', () => compose.run(['build']));
  await step('Bringing everything up', async () => {
    await compose.run(['up', '--detach', '--no-build']);
    await expectWell(scenario);
  });
  const inbox = openInbox(await portOf(compose, 'mailpit', 8025));
  const one = callInTurn(await portsOf(compose, 'api', 3000));
  const keys = await step('Importing the demo rosters, making API keys', async () => {
    await importRosters(compose);
    return createKeys(compose);
  });
  const web = await fetch(`http://127.0.0.1:${await portOf(compose, 'web', 3080)}/`);
  expect('the pages answer', [web.status, (await web.text()).includes('<main')], [200, true]);
  await step('A reset', () => resetOf(FIRST, one.call, inbox, checks));
  await step('A plan change', async () => {
    const changes = createPlanChanges(one.call, keys);
    expect('a plan change is queued', await changes.takeIn('C-500001'), 'queued');
    expect('completed by the unit, it keeps the agent of record', await changes.completeNext(), 'retained');
  });
  one.close();

  await step('Two APIs and two workers', async () => {
    const replicas = ['--scale', 'api=2', '--scale', 'worker=2'];
    await compose.run(['up', '--detach', '--no-build', '--no-recreate', ...replicas]);
    await expectWell(scenario);
  });
  const apis = await portsOf(compose, 'api', 3000);
  expect('each API has a port of its own', new Set(apis).size, 2);
  const two = callInTurn(apis);
  const resets = OTHERS.map((each) => createReset(two.call, inbox, each));
  const changes = createPlanChanges(two.call, keys);
  await step('Resets and a plan change while a worker is killed', async () => {
    expect('a plan change is queued', await changes.takeIn('C-500002'), 'queued');
    const opened = Promise.all(resets.map((each) => each.open()));
    await killWorker(scenario, 1);
    expect(
      'all resets are opened',
      await opened,
      OTHERS.map(() => 202),
    );
    const proved = await Promise.all(resets.map((each) => each.prove()));
    expect(
      'each PIN came, and is right',
      proved,
      OTHERS.map(() => 'password'),
    );
    await expectRestarted(scenario, 1);
  });
  await step('The rest of them while the other is killed', async () => {
    const chosen = Promise.all(resets.map((each) => each.choose()));
    await killWorker(scenario, 2);
    expect(
      'all passwords are taken',
      await chosen,
      OTHERS.map(() => 'completed'),
    );
    expect('the plan change is completed', await changes.completeNext(), 'retained');
    await expectRestarted(scenario, 2);
  });
  await step('Comparing', async () => {
    const signedIn = await Promise.all(resets.map((each) => each.signIn()));
    expect(
      'each signs in with the new password',
      signedIn,
      OTHERS.map(() => 201),
    );
    await expectNothingLost(scenario, inbox);
  });
  two.close();
  inbox.close();
  await step('Telling them to stop', () => expectStop(scenario));
}

async function resetOf(who: Member, call: Call, inbox: Inbox, { expect }: Checks): Promise<void> {
  const reset = createReset(call, inbox, who);
  expect('a reset is opened', await reset.open(), 202);
  expect('the PIN in the inbox is right', await reset.prove(), 'password');
  expect('the new password is taken', await reset.choose(), 'completed');
  expect('it signs in', await reset.signIn(), 201);
}

const stateOf = ({ service, number, state, exitCode, health }: Container): string =>
  `${service} ${number}: ${[state === 'exited' ? `ended with ${exitCode}` : state, health].filter(Boolean).join(', ')}`;

/** Every container is as it should be, or is not within some minutes. */
async function expectWell({ compose, checks, signal }: Scenario): Promise<void> {
  let containers: Container[] = [];
  const within = performance.now() + UP_WITHIN_MS;
  do {
    signal.throwIfAborted();
    containers = await compose.containers();
    if (containers.every(isWell)) break;
    await sleep(1_000);
  } while (performance.now() < within);
  const ill = containers.filter((each) => !isWell(each)).map(stateOf);
  checks.expect(`all ${containers.length} containers are well, or ended with 0`, ill, []);
}

async function portsOf({ containers }: Compose, service: string, port: number): Promise<number[]> {
  const found = (await containers()).flatMap((each) => (each.service === service ? [each.ports[port]] : []));
  return found.map((each) => {
    if (each === undefined) throw new CheckError(`Expected: ${service} publishes its port ${port}`);
    return each;
  });
}

async function portOf(compose: Compose, service: string, port: number): Promise<number> {
  const [found] = await portsOf(compose, service, port);
  if (found === undefined) throw new CheckError(`Expected: there is a container of ${service}`);
  return found;
}

async function workerOf({ compose }: Scenario, wanted: number): Promise<Container> {
  const found = (await compose.containers()).find(
    ({ service, number }) => service === 'worker' && number === wanted,
  );
  if (found === undefined) throw new CheckError(`Expected: there is a worker ${wanted}`);
  return found;
}

/** The engine takes it for a crash, as it would not if it killed the container itself. */
const KILL = `
  const fs = require('node:fs');
  for (const pid of fs.readdirSync('/proc').filter((name) => /^\\d+$/.test(name))) {
    const [command, script] = fs.readFileSync('/proc/' + pid + '/cmdline', 'utf8').split('\\0');
    if (/node$/.test(command) && script === 'dist/worker.js') process.kill(Number(pid), 'SIGKILL');
  }`;

async function killWorker(scenario: Scenario, number: number): Promise<void> {
  const { id } = await workerOf(scenario, number);
  // Not waited for: podman fails to tell how a command ended whose container ended with it.
  await scenario.engine.run(['exec', '--detach', id, 'node', '-e', KILL]);
}

/** The engine has started it again, and it polls. */
async function expectRestarted(scenario: Scenario, number: number): Promise<void> {
  const again = async (): Promise<boolean> => {
    const worker = await workerOf(scenario, number);
    return worker.restarts === 1 && isWell(worker);
  };
  await until(again, UP_WITHIN_MS).catch(() => undefined);
  const { restarts, health } = await workerOf(scenario, number);
  scenario.checks.expect(
    `the killed worker ${number} was started again`,
    { restarts, health },
    {
      restarts: 1,
      health: 'healthy',
    },
  );
}

/** What people were told is what is there: in PostgreSQL, in Temporal and in the inbox. */
async function expectNothingLost({ compose, checks }: Scenario, inbox: Inbox): Promise<void> {
  const rows = (query: string): Promise<string> =>
    compose
      .run(['exec', '-T', 'postgres', 'psql', '-U', 'tenure', '-d', 'tenure', '-tAc', query])
      .then((said) => said.trim());
  const count = async (query: string): Promise<number> => {
    const temporal = ['temporal', 'workflow', 'count', '--query', query];
    const said = await compose.run(['run', '--rm', '--no-deps', 'temporal-namespace', ...temporal]);
    return Number(/\d+/.exec(said)?.[0]);
  };
  const pending = "SELECT count(*) FROM mail_deliveries WHERE status = 'pending'";
  await until(async () => (await rows(pending)) === '0', SETTLED_WITHIN_MS).catch(() => undefined);
  checks.expect('no email is left to send', await rows(pending), '0');
  const unsent = "SELECT count(*) FROM mail_deliveries WHERE status <> 'delivered'";
  checks.expect('every email was delivered', await rows(unsent), '0');

  const people = [FIRST, ...OTHERS];
  const done = "WorkflowType = 'passwordReset' AND ExecutionStatus = 'Completed'";
  await until(async () => (await count(done)) >= people.length, SETTLED_WITHIN_MS).catch(() => undefined);
  checks.expect('every reset has completed, once', await count(done), people.length);
  const failed = "ExecutionStatus IN ('Failed', 'Terminated', 'TimedOut', 'Canceled')";
  checks.expect('no run has failed', await count(failed), 0);
  const pins = await Promise.all(people.map(async ({ email }) => (await inbox.pinsTo(email)).length));
  checks.expect(
    'each got one email with a PIN',
    pins,
    people.map(() => 1),
  );
}

/** SIGTERM reaches the processes: they end by themselves, with 0, before they would be killed. */
async function expectStop({ compose, checks }: Scenario): Promise<void> {
  const ours = ['api', 'web', 'worker'];
  await compose.run(['stop', ...ours]);
  const stopped = (await compose.containers()).filter(({ service }) => ours.includes(service));
  checks.expect(
    'APIs, pages and workers end with 0 when they are told to stop',
    stopped
      .map(stateOf)
      .toSorted()
      .map((each) => each.replace(/, (un)?healthy$/, '')),
    ['api 1', 'api 2', 'web 1', 'worker 1', 'worker 2'].map((name) => `${name}: ended with 0`),
  );
}
