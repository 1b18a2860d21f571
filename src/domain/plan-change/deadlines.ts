/** The time limits of a plan change, applied to the Dedicated Plan Change unit's calendar. All are an insurer's (docs/branding.md). */
import type { PlanChangeSnapshot } from './plan-change';
import { calendarDay } from '../calendar-day';
import { DAY_MS, HOUR_MS } from '../time';
import { afterUnitMinutes, type UnitHours } from './unit-hours';

export interface PlanChangePolicy {
  readonly unitHours: UnitHours;
  /** How long a claim lasts before the change returns to the queue. */
  readonly claimMinutes: number;
  /** The unit's lead is notified when a change has waited this many minutes of the unit's hours, and this many hours. */
  readonly waitingMinutes: number;
  readonly overdueHours: number;
  readonly abandonAfterDays: number;
}

/** The calendar day at `nowMs` in the unit's time zone, `YYYY-MM-DD`: the meaning of "that day" and "today". */
export const unitDay = ({ unitHours: { timeZone } }: PlanChangePolicy, nowMs: number): string =>
  calendarDay(timeZone, nowMs);

/** What a change's run needs: its stage, when to notify the lead that it waits, and when to abandon it. */
export function planChangeSnapshot(
  { unitHours, waitingMinutes, overdueHours, abandonAfterDays }: PlanChangePolicy,
  change: Pick<PlanChangeSnapshot, 'stage' | 'route' | 'claimUntilMs'> & {
    readonly openedAtMs: number;
    readonly waitingSinceMs: number;
    readonly moves: number;
    readonly heldSinceMs?: number | null;
    readonly outcome: PlanChangeSnapshot['outcome'] | null;
  },
): PlanChangeSnapshot {
  const { stage, route, claimUntilMs, openedAtMs, waitingSinceMs, moves } = change;
  const { heldSinceMs = null, outcome } = change;
  return {
    stage,
    route,
    claimUntilMs,
    escalateAtMs: {
      waiting: afterUnitMinutes(unitHours, waitingSinceMs, waitingMinutes),
      overdue: waitingSinceMs + overdueHours * HOUR_MS,
    },
    // A substitute for an ineligible facilitator has as long as the first one.
    abandonAtMs: (route === 'unit' ? openedAtMs : waitingSinceMs) + abandonAfterDays * DAY_MS,
    waitingSinceMs,
    moves,
    ...(heldSinceMs === null ? {} : { heldSinceMs }),
    ...(outcome === null || outcome === undefined ? {} : { outcome }),
  };
}
