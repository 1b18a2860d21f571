/** Checks the round's runs: ended as they should, started once, replayable, and without personal data. */
import { Worker, type ReplayHistoriesIterable } from '@temporalio/worker';
import type { WorkflowExecutionInfo } from '@temporalio/client';
import { join } from 'node:path';
import { PLAN_CHANGE_WORKFLOW } from '../../../src/contracts/plan-change';
import { searchAttributes } from '../../../src/contracts/search-attributes';
import { WORKFLOW_BUNDLE } from '../../../src/contracts/task-queue';
import { passwordRotationId, planChangeOfRun } from '../../../src/contracts/workflow-ids';
import type { Stack } from '../../system/stack';
import { projectRoot } from '../../stack/project-root';
import { regroupings } from '../../system/regrouped-histories';
import { expectCleanOutput, expectNoSecrets, readableText } from '../../system/secrets';
import '../../system/quiet-temporal';
import type { Told } from '../flows/flow';
import { count, grouped, type Findings } from '../findings';

/** Hundreds of runs do the same; this many of a type are enough. */
const REPLAYED_OF_A_TYPE = 150;
/** Four-digit numbers that are not PINs: a plan year, and a sweep's batch size. */
const FOUR_DIGITS = /"(?:planYear|limit)":\d{4}\b/g;
/** Runs that exist only once, ever. */
const ONCE_EVER = new Set(['deliverNotice', 'passwordRotation']);

/**
 * Open runs that should have ended. A rotation stays open if the password was not changed, a reset if the page that gave up was
 * not the one that opened it. Nobody waits for the run of a withdrawn or never written plan change: if its signal
 * was lost, it finds out by itself within hours.
 */
export async function openRuns(
  stack: Stack,
  told: readonly Told[],
): Promise<{ late: string[]; looksWithinHours: number }> {
  const { client, taskQueue, database } = stack;
  const goOn = new Set(
    told.flatMap((each) =>
      each.kind === 'rotation' && !each.changed
        ? [passwordRotationId(each.accountId, each.credentialId)]
        : [],
    ),
  );
  const left = new Set(told.flatMap((each) => (each.kind === 'left-reset' ? [each.accountId] : [])));
  const late: string[] = [];
  let looksWithinHours = 0;
  const query = `TaskQueue = '${taskQueue}' AND ExecutionStatus = 'Running'`;
  for await (const run of client.workflow.list({ query })) {
    const { workflowId, type } = run;
    const id = type === PLAN_CHANGE_WORKFLOW ? planChangeOfRun(workflowId) : undefined;
    const change = id === undefined ? undefined : await database.planChange.findUnique({ where: { id } });
    if (change === null || change?.stage === 'withdrawn') looksWithinHours += 1;
    else if (!goOn.has(workflowId) && !left.has(accountOf(run))) late.push(workflowId);
  }
  return { late, looksWithinHours };
}

export async function checkRuns(stack: Stack, told: readonly Told[], findings: Findings): Promise<void> {
  const runs = await stack.runs();
  for (const { workflowId, status } of runs)
    if (status.name !== 'COMPLETED' && status.name !== 'RUNNING')
      findings.violations.push(`${workflowId} ended as ${status.name}`);
  const ids = grouped(
    runs.filter(({ type }) => ONCE_EVER.has(type)),
    ({ workflowId }) => workflowId,
  );
  for (const [id, same] of ids) {
    // A notice whose change was written too late ended as outdated; the repeated request started another.
    const effective = same.filter(
      ({ typedSearchAttributes: values }) => values.get(searchAttributes.outcome) !== 'outdated',
    );
    if (effective.length > 1) findings.duplicates.push(`${id} ran ${effective.length} times`);
  }
  for (const { workflowId, type } of runs) count(findings, `runs: ${type}`, workflowId === '' ? 0 : 1);

  const { looksWithinHours } = await openRuns(stack, told);
  count(findings, 'open runs of changes that are over', looksWithinHours);
  for (const each of told) {
    if (each.kind !== 'rotation') continue;
    const id = passwordRotationId(each.accountId, each.credentialId);
    const wanted = each.changed ? 'COMPLETED' : 'RUNNING';
    const status = ids.get(id)?.[0]?.status.name ?? 'missing';
    if (status !== wanted) findings.losses.push(`${id} is ${status} instead of ${wanted}`);
  }
  await checkHistories(stack, sampled(runs), findings);
}

/** Checks that no process ever logged a fixture's value. */
export function checkOutputs({ api, worker }: Stack, findings: Findings): void {
  for (const [name, { output }] of Object.entries({ 'the API': api, 'the worker': worker }))
    note(findings, () => expectCleanOutput(name, output));
}

const accountOf = ({ typedSearchAttributes: values }: WorkflowExecutionInfo): string =>
  values.get(searchAttributes.account) ?? '';

function sampled(runs: readonly WorkflowExecutionInfo[]): WorkflowExecutionInfo[] {
  return [...grouped(runs, ({ type }) => type).values()].flatMap((ofType) =>
    ofType.slice(0, REPLAYED_OF_A_TYPE),
  );
}

async function checkHistories(
  { client }: Stack,
  runs: readonly WorkflowExecutionInfo[],
  findings: Findings,
): Promise<void> {
  async function* histories(): ReplayHistoriesIterable {
    for (const { workflowId, runId, raw } of runs) {
      const handle = client.workflow.getHandle(workflowId, runId);
      const history = await handle.fetchHistory();
      const description = await handle.describe();
      const told = readableText(history).replaceAll(FOUR_DIGITS, '');
      note(findings, () => expectNoSecrets(`history of ${workflowId}`, told));
      note(findings, () => expectNoSecrets(`listing of ${workflowId}`, readableText(raw)));
      note(findings, () => expectNoSecrets(`description of ${workflowId}`, readableText(description.raw)));
      yield { workflowId, history };
      for (const regrouped of regroupings(history, 2)) yield { workflowId, history: regrouped };
    }
  }
  const workflowBundle = { codePath: join(projectRoot, 'dist', WORKFLOW_BUNDLE) };
  const { dataConverter } = client.options;
  for await (const { workflowId, error } of Worker.runReplayHistories(
    { workflowBundle, dataConverter },
    histories(),
  )) {
    count(findings, 'histories replayed');
    if (error !== undefined)
      findings.violations.push(`the history of ${workflowId} does not replay: ${error.message}`);
  }
}

function note(findings: Findings, check: () => void): void {
  try {
    check();
  } catch (error) {
    findings.violations.push((error as Error).message);
  }
}
