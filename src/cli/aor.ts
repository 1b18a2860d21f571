/** `npm run aor -- explain | replay`: why somebody is agent of record, and whether today's rule would decide the same. */
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { createAorReplay, type DecisionToReplay } from '../adapters/postgres/aor-replay';
import { createPlanChanges } from '../adapters/postgres/plan-changes';
import { AOR_RULE_VERSION } from '../domain/plan-change/agent-of-record';
import { differenceOnReplay, isAorEvidence, type ReplayAnswer } from '../domain/plan-change/aor-replay';
import { explainDecision, explainNoDecision } from './aor-explanation';
import { CommandError, readId, runCommand, runMain, type Command, type Output } from './command';

const PAGE_SIZE = 2000;

const USAGE = `Usage:
  npm run aor -- explain PLAN-CHANGE-ID
  npm run aor -- replay --since YYYY-MM-DD
"explain" tells how the agent of record was decided. "replay" makes every decision since 00:00 UTC of
that day again, with the rule of today, and lists what differs.`;

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
  return async (database, { out }, nowMs) => {
    const change = await createPlanChanges(database).look(id);
    if (change === null) throw new CommandError(`There is no plan change ${id}.`);
    const decision = await createAorReplay(database).find(id);
    if (decision === null) return out(explainNoDecision(change, nowMs));
    if (!isAorEvidence(decision.evidence))
      throw new CommandError(
        `The evidence of plan change ${id} is on record in a form that this version cannot read.`,
      );
    out(explainDecision(change, decision));
  };
}

function replay(since: string, pageSize: number): Command {
  if (!z.iso.date().safeParse(since).success)
    throw new CommandError(`${JSON.stringify(since)} is not a day.\n${USAGE}`);
  const sinceMs = Date.parse(`${since}T00:00:00Z`);
  return async (database, { out }, nowMs) => {
    if (sinceMs > nowMs)
      throw new CommandError(`${since}, 00:00 UTC, is still to come: nothing can have been decided since.`);
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

function describeDifference(stored: DecisionToReplay, now: ReplayAnswer): string {
  const stands = inWords({ ...stored, agentNumber: stored.agentNumber ?? stored.agentKey });
  return `${stored.planChangeId} stands: ${stands}; now: ${describeAnswer(stored, now)}`;
}

function describeAnswer({ evidence, ...stored }: DecisionToReplay, now: ReplayAnswer): string {
  switch (now.kind) {
    case 'decided': {
      const { agentKey } = now.decision;
      const isOriginal = agentKey === evidence.original?.agentKey;
      const agentNumber =
        agentKey && ((isOriginal ? stored.originalNumber : stored.facilitatorNumber) ?? agentKey);
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
