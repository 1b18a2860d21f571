/**
 * An agent's commission statement for a month (spec.md 7, 7b): for which days of which customers commission is owed, never how much.
 * - `owed`: the days of the month, as known at its end. The agent of record earns the commission, unless the change that began the
 *   customer's enrolment left the agent of record in place and ended the commission: these are two facts.
 * - `takenBack`, `addedLater`: days of earlier months whose answer was changed by what became known during the month.
 * A day counts for a plan. Over all statements up to a month, what is owed and added less what is taken back are the days as known at
 * the end of that month. So the statement of a closed month does not change. Days are `YYYY-MM-DD`.
 */
import { DateTime } from 'luxon';
import { plusDays } from '../calendar-day';
import { DAY_MS } from '../time';
import type { AorDecision } from './agent-of-record';
import type { ReversalReason } from './corrections';
import type { PlanChangePolicy } from './deadlines';
import type { AgentPeriod, EnrolmentPeriod, HistoryCause } from './history';

export interface StatementMonth {
  readonly firstDay: string;
  readonly lastDay: string;
  /** When it begins and ends where the unit works. */
  readonly fromMs: number;
  readonly untilMs: number;
}

/** `month`: `YYYY-MM`. */
export function statementMonth({ unitHours }: PlanChangePolicy, month: string): StatementMonth {
  const first = DateTime.fromISO(`${month}-01`, { zone: unitHours.timeZone });
  return {
    firstDay: first.toISODate() ?? '',
    lastDay: first.endOf('month').toISODate() ?? '',
    fromMs: first.toMillis(),
    untilMs: first.plus({ months: 1 }).toMillis(),
  };
}

/**
 * Whether a month's statement cannot change any more. What is known from a time on is on record a little later: a decision within a
 * minute, a roster once all of it is imported.
 */
export const isFinal = ({ untilMs }: StatementMonth, nowMs: number): boolean => nowMs >= untilMs + DAY_MS;

/** A version of a customer's history, as far as it concerns one agent: other agents' periods may be left out. */
export interface EarningsVersion {
  readonly knownFromMs: number;
  readonly cause: HistoryCause;
  readonly planChangeId: string | null;
  readonly correctionId: string | null;
  /** Of a reversal. */
  readonly reason: ReversalReason | null;
  readonly enrolments: readonly EnrolmentPeriod[];
  readonly agentsOfRecord: readonly AgentPeriod[];
  /** Of the changes that count. */
  readonly decisions: readonly (Pick<AorDecision, 'outcome' | 'commissionContinues'> & {
    readonly planChangeId: string;
    readonly effectiveOn: string;
  })[];
}

interface Days {
  readonly from: string;
  readonly to: string;
  readonly planId: string | null;
}

export interface OwedDays extends Days {
  /** The change that the enrolment comes from; null: the roster. */
  readonly planChangeId: string | null;
}

/** With the version that changed the answer. */
export interface CorrectedDays
  extends Days, Pick<EarningsVersion, 'knownFromMs' | 'cause' | 'planChangeId' | 'correctionId' | 'reason'> {}

export interface Statement {
  readonly owed: readonly OwedDays[];
  readonly takenBack: readonly CorrectedDays[];
  readonly addedLater: readonly CorrectedDays[];
}

/**
 * What a month's statement says of one customer. `versions`: in their order, at least the latest one before the month and all that
 * became known during it.
 */
export function statementOf(
  agentKey: string,
  versions: readonly EarningsVersion[],
  { firstDay, lastDay, fromMs, untilMs }: StatementMonth,
): Statement {
  const known = versions
    .filter(({ knownFromMs }) => knownFromMs < untilMs)
    .map((version) => ({ version, earned: earnedDays(agentKey, version) }));
  const takenBack: CorrectedDays[] = [];
  const addedLater: CorrectedDays[] = [];
  for (const [index, { version, earned }] of known.entries()) {
    if (version.knownFromMs < fromMs) continue;
    const before = known[index - 1]?.earned ?? [];
    takenBack.push(...correctedDays(version, without(before, earned), firstDay));
    addedLater.push(...correctedDays(version, without(earned, before), firstDay));
  }
  const latest = known.at(-1)?.earned ?? [];
  return { owed: latest.flatMap((days) => within(days, firstDay, lastDay)), takenBack, addedLater };
}

/** On which days the agent earns the commission by this version, from which enrolment. */
const earnedDays = (
  agentKey: string,
  { enrolments, agentsOfRecord, decisions }: EarningsVersion,
): OwedDays[] =>
  agentsOfRecord
    .filter((served) => served.agentKey === agentKey)
    .flatMap((served) =>
      enrolments.flatMap(({ from, to, planId }) => {
        const decision = decisions.find(({ effectiveOn }) => effectiveOn === from);
        if (decision?.outcome === 'retained' && !decision.commissionContinues) return [];
        const days = { from, to: to ?? NO_END, planId, planChangeId: decision?.planChangeId ?? null };
        return within(days, served.from, served.to ?? NO_END);
      }),
    );

/** Those before the month, with what changed them. */
const correctedDays = (
  { knownFromMs, cause, planChangeId, correctionId, reason }: EarningsVersion,
  changed: readonly Days[],
  firstDay: string,
): CorrectedDays[] =>
  changed
    .flatMap((days) => within(days, NO_BEGINNING, plusDays(firstDay, -1)))
    .map(({ from, to, planId }) => {
      return { from, to, planId, knownFromMs, cause, planChangeId, correctionId, reason };
    });

/** The days that `others` do not have with the same plan. */
const without = (periods: readonly Days[], others: readonly Days[]): readonly Days[] =>
  others.reduce<readonly Days[]>(
    (left, { from, to, planId }) =>
      left.flatMap((days) =>
        days.planId !== planId || days.to < from || to < days.from
          ? [days]
          : [
              ...(days.from < from ? [{ ...days, to: plusDays(from, -1) }] : []),
              ...(to < days.to ? [{ ...days, from: plusDays(to, 1) }] : []),
            ],
      ),
    periods,
  );

const [NO_BEGINNING, NO_END] = ['0000-01-01', '9999-12-31'] as const;

/** The part of a period between two days. */
function within<T extends Days>(days: T, first: string, last: string): T[] {
  const from = days.from > first ? days.from : first;
  const to = days.to < last ? days.to : last;
  return from <= to ? [{ ...days, from, to }] : [];
}
