/** Alerts and dashboard, held against what the two processes tell after everything they ask about has happened once. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { ROTATION_SWEEP_WORKFLOW } from '../../src/contracts/rotation-sweep';
import { freePort } from '../../lab/stack/ports';
import { DAY_MS } from '../../src/domain/time';
import { insertAccount, insertCredential } from '../adapters/postgres/records';
import { openDesk } from '../../lab/system/plan-changes';
import { newPassword } from '../../lab/system/members';
import type { Stack } from '../../lab/system/stack';
import { withStack } from '../e2e/support/with-stack';
import { projectRoot } from '../../lab/stack/project-root';
import { scrape, valuesOf, type Sample } from '../support/exposition';
import { until } from '../support/until';
import { missing, namesIn } from './promql';

interface Rule {
  readonly alert: string;
  readonly expr: string;
  readonly labels: { readonly severity: string };
  readonly annotations: Readonly<Record<string, string>>;
}

interface Panel {
  readonly title: string;
  readonly targets?: readonly { readonly expr: string; readonly legendFormat: string }[];
}

const read = (path: string): string => readFileSync(join(projectRoot, 'ops', path), 'utf8');

const alerts = parse(read('alerts.yml')) as { groups: { rules: Rule[] }[] };
const rules = alerts.groups.flatMap((group) => group.rules);
const dashboard = JSON.parse(read('grafana/dashboards/tenure.json')) as { panels: Panel[] };
const targets = dashboard.panels.flatMap(({ title, targets: all = [] }) =>
  all.map((target): [string, typeof target] => [`${title}: ${target.legendFormat}`, target]),
);

let stack: Stack;
let samples: Sample[];

let [api, worker] = ['', ''];

withStack(
  async (made) => {
    stack = made;
    await makeEverythingHappen();
    samples = [...(await scrape(api)), ...(await scrape(worker))];
  },
  async () => {
    [api, worker] = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`];
    return {
      env: { METRICS_ADDRESS: api },
      workerEnv: { METRICS_ADDRESS: worker },
      // One after the other, while everything happens.
      start: () => Promise.resolve([]),
      notOurs: ['noSuchWorkflow'],
    };
  },
);

async function makeEverythingHappen(): Promise<void> {
  const { database, client, taskQueue, mailbox } = stack;
  const { email, username } = await stack.addPerson('measured');
  await stack.api.start();
  const page = await stack.openReset(email);
  // Nobody works: a request that has to ask the run is answered 503.
  await stack.call('GET', `/v1/password-resets/${page.id}`, { token: page.token });

  await mailbox.goDown();
  await stack.worker.start();
  await stack.untilMailWaits(stack.resetRunId(email));
  await mailbox.comeUp();
  const password = newPassword();
  await page.submitPin(await mailbox.pinTo(email));
  await page.choose(password);
  await mailbox.mailTo(email, 2);
  await stack.signIn(username, password);
  await stack.signIn(username, newPassword());
  for (let tries = 0; tries < 11; tries++) await stack.signIn('nobody.there', newPassword());

  const desk = await openDesk(stack);
  const customer = await desk.addCustomer('measured', await desk.addAgent('measured'));
  await desk.take(customer, 'plan-change-line');

  const broker = await insertAccount(database, { portal: 'broker' });
  await insertCredential(database, broker, { setAtMs: Date.now() - 80 * DAY_MS });
  await sweep('first');
  // A sweep that had forgotten what it started: Temporal refuses the second run, a call of the worker that fails.
  await database.credential.updateMany({ data: { rotationStartedAt: null } });
  await sweep('second');

  // A workflow that this build does not have: its tasks fail until somebody ends it.
  const unknown = await client.workflow.start('noSuchWorkflow', {
    workflowId: `none/${taskQueue}`,
    taskQueue,
  });
  await until(
    async () =>
      (await unknown.fetchHistory()).events?.some(
        ({ workflowTaskFailedEventAttributes }) => workflowTaskFailedEventAttributes,
      ) ?? false,
  );
  await unknown.terminate();

  async function sweep(name: string): Promise<void> {
    const workflowId = `rotation-sweep/${name}.${taskQueue}`;
    await client.workflow.execute(ROTATION_SWEEP_WORKFLOW, { workflowId, taskQueue });
  }
}

describe('alerts', () => {
  it.each(rules.map((rule): [string, Rule] => [rule.alert, rule]))(
    'The alert %s queries only metrics and labels that exist',
    (_name, { expr }) => {
      expect(missing(expr, samples)).toEqual([]);
    },
  );

  it.each(rules.map((rule): [string, Rule] => [rule.alert, rule]))(
    'The alert %s says what it means, how urgent it is and where its runbook is',
    (_name, { labels, annotations }) => {
      expect(annotations).toEqual({
        summary: expect.stringMatching(/\S/),
        description: expect.stringMatching(/\.$/),
        runbook: expect.stringMatching(/^docs\/operations\.md#[a-z0-9-]+$/),
      });
      expect(['page', 'ticket']).toContain(labels.severity);
    },
  );
});

describe('dashboard lines', () => {
  it.each(targets)(
    'The dashboard line %s queries only metrics and labels that exist',
    (_name, { expr, legendFormat }) => {
      const legend = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = '']) => label);

      expect(missing(expr, samples)).toEqual([]);
      expect(namesIn(expr).kept).toEqual(expect.arrayContaining(legend));
    },
  );
});

describe('Tenure’s own metrics', () => {
  const ours = (): Sample[] => samples.filter(({ name }) => name.startsWith('tenure_'));

  it('Every metric of ours is used by an alert or the dashboard', () => {
    const shown = [...rules, ...targets.map(([, target]) => target)].flatMap(
      ({ expr }) => namesIn(expr).metrics,
    );

    const base = (name: string): string => name.replace(/_(bucket|count|sum)$/, '');
    const unseen = new Set(ours().map(({ name }) => base(name)));
    for (const name of shown) unseen.delete(base(name));

    expect([...unseen]).toEqual([]);
  });

  it('The limit refusals metric counts the guesses that the API refused', () => {
    expect(valuesOf(samples, 'tenure_limit_refusals_total', { budget: 'wrong-passwords' })).toEqual([1]);
  });

  it('Our metrics’ labels have a fixed list of names and no ids or addresses as values', () => {
    const words = new Map<string, Set<string>>();
    for (const { labels } of ours()) {
      for (const [label, word] of Object.entries(labels)) {
        words.set(label, (words.get(label) ?? new Set()).add(word));
      }
    }

    expect([...words.keys()].toSorted()).toEqual([
      ...[
        'activityType',
        'budget',
        'code',
        'kind',
        'le',
        'method',
        'namespace',
        'operation',
        'outcome',
        'over',
        'portal',
      ],
      ...['route', 'stage', 'state', 'status', 'taskQueue', 'workflow', 'workflowType'],
    ]);
    // The test's own task queue has a UUID in its name.
    words.delete('taskQueue');
    for (const word of [...words.values()].flatMap((set) => [...set])) {
      expect(word).not.toMatch(/@|[0-9a-f]{8}-[0-9a-f]{4}/);
    }
  });
});
