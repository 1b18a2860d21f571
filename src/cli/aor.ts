/**
 * `npm run aor -- explain | replay | review`: why somebody is agent of record, whether today's rule would decide the same, and whether
 * today's rosters would.
 */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { loadBrand } from '../adapters/brand/load-brand';
import { createAorReplay, type DecisionToReplay } from '../adapters/postgres/aor-replay';
import { createAorReviews } from '../adapters/postgres/aor-reviews';
import { createPlanChanges } from '../adapters/postgres/plan-changes';
import { loadBrandFolder } from '../config';
import { AOR_RULE_VERSION } from '../domain/plan-change/agent-of-record';
import { differenceOnReplay, isAorEvidence, type ReplayAnswer } from '../domain/plan-change/aor-replay';
import { agentNumberIn, reviewDecision, type AorReview } from '../domain/plan-change/aor-review';
import type { AorReviews, DecisionOnReview, DecisionsOnReview } from '../ports/agent-of-record';
import { explainDecision, explainNoDecision, inUtc } from './aor-explanation';
import { CommandError, readId, runCommand, runMain, type Command, type Output } from './command';

const PAGE_SIZE = 2000;

const USAGE = `Usage:
  npm run aor -- explain PLAN-CHANGE-ID
  npm run aor -- replay --since YYYY-MM-DD
  npm run aor -- review --since YYYY-MM-DD
"explain" tells how the agent of record was decided. "replay" makes every decision since 00:00 UTC of
that day again, with the rule of today, and lists what differs. "review" lists those that count and
would have other evidence with what the rosters tell today.`;

/** Runs the command with its arguments after the script's name. Returns the exit code; never throws. */
export const aorCommand = (
  args: readonly string[],
  env: NodeJS.ProcessEnv,
  output: Output,
  nowMs: number,
  pageSize = PAGE_SIZE,
): Promise<number> => runCommand('aor', () => readCommand(args, pageSize), env, output, nowMs);

function readCommand(args: readonly string[], pageSize: number): Command {
  const { values, positionals } = parse(args);
  const [name, id, ...others] = positionals;
  const { since } = values;
  if (name === 'explain' && id !== undefined && others.length === 0 && since === undefined)
    return explain(id);
  if (name === 'replay' && id === undefined && since !== undefined) return replay(since, pageSize);
  if (name === 'review' && id === undefined && since !== undefined) return review(since, pageSize);
  throw new CommandError(USAGE);
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { since: { type: 'string' } },
    });
  } catch (error) {
    throw new CommandError(`${(error as Error).message}\n${USAGE}`);
  }
}

function explain(typed: string): Command {
  const id = readId(typed, 'the id of a plan change.');
  return async (database, { out }, nowMs, _operator, env) => {
    const change = await createPlanChanges(database).look(id);
    if (change === null) throw new CommandError(`There is no plan change ${id}.`);
    const decision = await createAorReplay(database).find(id);
    if (decision === null) return out(explainNoDecision(change, nowMs));
    if (!isAorEvidence(decision.evidence))
      throw new CommandError(
        `The evidence of plan change ${id} is on record in a form that this version cannot read.`,
      );
    out(explainDecision(change, decision, loadBrand(loadBrandFolder(env)).planChangeLine));
  };
}

function replay(since: string, pageSize: number): Command {
  const sinceMs = readDay(since);
  return async (database, { out }, nowMs) => {
    refuseFuture(sinceMs, nowMs);
    const startedAtMs = performance.now();
    const count = { evaluated: 0, different: 0 };
    for await (const page of createAorReplay(database).pagesSince(sinceMs, pageSize)) {
      for (const decision of page) {
        const now = differenceOnReplay(decision);
        count.evaluated += 1;
        if (now === null) continue;
        count.different += 1;
        out(`${describeDifference(decision, now)}\n`);
      }
    }
    const summary = describeCounts(since, count, (performance.now() - startedAtMs) / 1000);
    if (count.different > 0) throw new CommandError(summary);
    out(`${summary}\n`);
  };
}

/** Decisions that would have other evidence are what it looks for: finding some is no failure. */
function review(since: string, pageSize: number): Command {
  const sinceMs = readDay(since);
  return async (database, { out }, nowMs) => {
    refuseFuture(sinceMs, nowMs);
    const startedAtMs = performance.now();
    const count = { reviewed: 0, different: 0, otherOutcome: 0 };
    const reviews = createAorReviews(database);
    for await (const { decisions, agents } of pages(reviews, sinceMs, pageSize)) {
      for (const decision of decisions) {
        count.reviewed += 1;
        const found = reviewDecision(decision, agents, nowMs);
        if (found === null) continue;
        count.different += 1;
        if (found.outcomeDiffers) count.otherOutcome += 1;
        out(`${describeReview(decision, found)}\n`);
      }
    }
    const seconds = (performance.now() - startedAtMs) / 1000;
    out(
      `Decisions since ${since} 00:00 UTC that count: ${count.reviewed} reviewed, ${count.different} would have other evidence today, ` +
        `${count.otherOutcome} another outcome; ${seconds.toFixed(1)} s, ${Math.round(count.reviewed / seconds)} a second.\n`,
    );
  };
}

async function* pages(reviews: AorReviews, sinceMs: number, limit: number): AsyncIterable<DecisionsOnReview> {
  let after: { atMs: number; id: string } | undefined;
  for (;;) {
    const page = await reviews.page({ sinceMs, after, limit });
    yield page;
    const last = page.decisions.at(-1);
    if (last === undefined || page.decisions.length < limit) return;
    after = { atMs: last.decidedAtMs, id: last.planChangeId };
  }
}

function describeReview(stored: DecisionOnReview, { differences, redetermined }: AorReview): string {
  const { planChangeId, customerId, decidedAtMs } = stored;
  const stands = inWords({ ...stored, agentNumber: stored.agentNumber ?? stored.agentKey });
  const wouldBe = redetermined === null ? 'nothing' : inWords(redetermined);
  return [
    `${planChangeId}, customer ${customerId}, decided ${inUtc(decidedAtMs)}`,
    ...differences.map((difference) => `  ${difference}`),
    `  stands: ${stands}; would be: ${wouldBe}`,
  ].join('\n');
}

function readDay(since: string): number {
  if (!z.iso.date().safeParse(since).success)
    throw new CommandError(`${JSON.stringify(since)} is not a day.\n${USAGE}`);
  return Date.parse(`${since}T00:00:00Z`);
}

function refuseFuture(sinceMs: number, nowMs: number): void {
  const since = new Date(sinceMs).toISOString().slice(0, 10);
  if (sinceMs > nowMs)
    throw new CommandError(`${since}, 00:00 UTC, is still to come: nothing can have been decided since.`);
}

function describeDifference(stored: DecisionToReplay, now: ReplayAnswer): string {
  const stands = inWords({ ...stored, agentNumber: stored.agentNumber ?? stored.agentKey });
  return `${stored.planChangeId} stands: ${stands}; now: ${describeAnswer(stored, now)}`;
}

function describeAnswer(stored: DecisionToReplay, now: ReplayAnswer): string {
  switch (now.kind) {
    case 'decided': {
      const { agentKey } = now.decision;
      const agentNumber = agentKey && agentNumberIn(stored, agentKey);
      return inWords({ ...now.decision, agentNumber });
    }
    case 'facilitator-not-eligible':
      return `nothing, held: the facilitator is ${now.defect}`;
    case 'facilitator-does-not-fit':
      return 'nothing: the facilitator does not fit the channel';
    case 'evidence-unreadable':
      return 'nothing: the evidence cannot be read';
  }
}

const inWords = ({
  outcome,
  reason,
  agentNumber,
  commissionContinues,
  ruleVersion,
}: Pick<
  DecisionToReplay,
  'outcome' | 'reason' | 'agentNumber' | 'commissionContinues' | 'ruleVersion'
>): string =>
  [
    ...[outcome, reason, agentNumber === null ? 'nobody' : `agent ${agentNumber}`],
    ...[`commission ${commissionContinues ? 'goes on' : 'ends'}`, `rule ${ruleVersion}`],
  ].join(', ');

const describeCounts = (
  since: string,
  { evaluated, different }: { readonly evaluated: number; readonly different: number },
  seconds: number,
): string =>
  `Decisions since ${since} 00:00 UTC: ${evaluated} evaluated with version ${AOR_RULE_VERSION} of the rule, ` +
  `${different} differ; ${seconds.toFixed(1)} s, ${Math.round(evaluated / seconds)} a second.`;

if (require.main === module) void runMain(aorCommand);
