/** The bounds of a plan change, and what they come to in the calendar of the Dedicated Plan Change unit. All are settings (docs/settings.md). */
import { DateTime } from 'luxon';
import type { PlanChangeStanding } from './plan-change';
import { DAY_MS, HOUR_MS } from '../portal';
import { afterUnitMinutes, type UnitHours } from './unit-hours';

export interface PlanChangePolicy {
  readonly unitHours: UnitHours;
  /** How long a representative may have a change before it goes back to the queue. */
  readonly claimMinutes: number;
  /** The unit's lead is told of a change that nobody has taken for so many minutes of the unit's hours, and for so many hours. */
  readonly waitingMinutes: number;
  readonly overdueHours: number;
  readonly abandonAfterDays: number;
}

export const planChangePolicy: PlanChangePolicy = {
  unitHours: { timeZone: 'America/New_York', fromWeekday: 1, toWeekday: 5, fromHour: 8, toHour: 20 },
  claimMinutes: 60,
  waitingMinutes: 15,
  overdueHours: 24,
  abandonAfterDays: 30,
};

/** The calendar day at `nowMs` where the unit works: what "that day" and "today" mean. `YYYY-MM-DD`. */
export const unitDay = ({ unitHours: { timeZone } }: PlanChangePolicy, nowMs: number): string =>
  DateTime.fromMillis(nowMs, { zone: timeZone }).toISODate() ?? '';

/** What the run of a change has to know: its stage, when the lead is to be told that it waits, and when it is given up. */
export function planChangeStanding(
  { unitHours, waitingMinutes, overdueHours, abandonAfterDays }: PlanChangePolicy,
  change: Pick<PlanChangeStanding, 'stage' | 'route' | 'claimUntilMs'> & {
    readonly openedAtMs: number;
    readonly waitingSinceMs: number;
    readonly heldSinceMs?: number | null;
    readonly outcome: PlanChangeStanding['outcome'] | null;
  },
): PlanChangeStanding {
  const { stage, route, claimUntilMs, openedAtMs, waitingSinceMs, heldSinceMs = null, outcome } = change;
  return {
    stage,
    route,
    claimUntilMs,
    escalateAtMs: {
      waiting: afterUnitMinutes(unitHours, waitingSinceMs, waitingMinutes),
      overdue: waitingSinceMs + overdueHours * HOUR_MS,
    },
    // Whoever is put in for a facilitator who was not eligible has as long as the first one had.
    abandonAtMs: (route === 'unit' ? openedAtMs : waitingSinceMs) + abandonAfterDays * DAY_MS,
    ...(heldSinceMs === null ? {} : { heldSinceMs }),
    ...(outcome === null || outcome === undefined ? {} : { outcome }),
  };
}
