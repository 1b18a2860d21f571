/**
 * An agent's standing on a day (spec.md 7): active, licensed in the customer's state, appointed, and certified for the plan year.
 * Days are calendar days, `YYYY-MM-DD`; the last day is inclusive.
 */

export interface EffectiveDates {
  readonly from: string;
  /** The last day; null if there is none. */
  readonly to: string | null;
}

/** Whether a period includes `day`. */
export const holdsOn = ({ from, to }: EffectiveDates, day: string): boolean =>
  from <= day && (to === null || day <= to);

/**
 * Until when an agent or corporation is active. A corporation acts only through its licensed principal, so it is terminated when its
 * principal is, until a roster names another one. This applies to registering, facilitating and keeping customers.
 */
export interface Activity {
  /** The last day; null if there is none. */
  readonly terminatedOn: string | null;
  /** For a corporation, its principal's last day; otherwise null. */
  readonly principalTerminatedOn: string | null;
}

/** Everything on record about one agent or agency, past and future. */
export interface AgentRecords extends Activity {
  readonly licences: readonly (EffectiveDates & { readonly state: string })[];
  readonly appointments: readonly EffectiveDates[];
  readonly certifications: readonly (EffectiveDates & { readonly planYear: number })[];
}

/** Of an agent of whom nothing is known. */
export const NO_RECORDS: AgentRecords = {
  terminatedOn: null,
  principalTerminatedOn: null,
  licences: [],
  appointments: [],
  certifications: [],
};

/** What an agent's standing is asked for. */
export interface StandingQuestion {
  /** The day of completion in the unit's time zone. */
  readonly day: string;
  /** The customer's state, where an agent must be licensed. */
  readonly state: string;
  /** The year in which the new plan takes effect, for which an agent must be certified. */
  readonly planYear: number;
}

/** The four conditions of the protection; a decision's evidence has all of them. */
export interface AgentStanding {
  readonly active: boolean;
  readonly licensed: boolean;
  readonly appointed: boolean;
  readonly certified: boolean;
}

export const STANDING_DEFECTS = ['terminated', 'not-licensed', 'not-appointed', 'not-certified'] as const;
export type StandingDefect = (typeof STANDING_DEFECTS)[number];

/** Whether the agent or corporation is active on `day`. */
export const isActiveOn = ({ terminatedOn, principalTerminatedOn }: Activity, day: string): boolean =>
  [terminatedOn, principalTerminatedOn].every((last) => last === null || day <= last);

/** The agent's standing on `day`. */
export function standingOn(
  { licences, appointments, certifications, ...activity }: AgentRecords,
  { day, state, planYear }: StandingQuestion,
): AgentStanding {
  const holds = (dates: EffectiveDates): boolean => holdsOn(dates, day);
  return {
    active: isActiveOn(activity, day),
    licensed: licences.some((licence) => licence.state === state && holds(licence)),
    appointed: appointments.some(holds),
    certified: certifications.some(
      (certification) => certification.planYear === planYear && holds(certification),
    ),
  };
}

/** The records that bear on the standing that is asked for, and nothing else that was looked up with them. In the order of their first days. */
export const recordsFor = (
  { terminatedOn, principalTerminatedOn, licences, appointments, certifications }: AgentRecords,
  { state, planYear }: Omit<StandingQuestion, 'day'>,
): AgentRecords => ({
  terminatedOn,
  principalTerminatedOn,
  licences: licences
    .filter((licence) => licence.state === state)
    .map(({ from, to }) => ({ state, from, to }))
    .toSorted(byFirstDay),
  appointments: appointments.map(({ from, to }) => ({ from, to })).toSorted(byFirstDay),
  certifications: certifications
    .filter((certification) => certification.planYear === planYear)
    .map(({ from, to }) => ({ planYear, from, to }))
    .toSorted(byFirstDay),
});

const byFirstDay = (one: EffectiveDates, other: EffectiveDates): number => (one.from < other.from ? -1 : 1);

/** The first of the four conditions that is missing, in order; null: the agent is eligible. */
export function standingDefect({
  active,
  licensed,
  appointed,
  certified,
}: AgentStanding): StandingDefect | null {
  if (!active) return 'terminated';
  if (!licensed) return 'not-licensed';
  if (!appointed) return 'not-appointed';
  return certified ? null : 'not-certified';
}
