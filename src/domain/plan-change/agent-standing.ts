/**
 * What an agent may do on a day (spec.md 7): active, licensed in the customer's state, appointed, and certified for the plan year.
 * Days are calendar days, `YYYY-MM-DD`; a last day counts as a day on which it still holds.
 */

export interface EffectiveDates {
  readonly from: string;
  /** The last day; null while it goes on. */
  readonly to: string | null;
}

/**
 * Until when an agent or corporation is active. A corporation acts through its licensed principal alone, so it is terminated when its
 * principal is, until a roster names another one: for registering, for facilitating and for keeping customers alike.
 */
export interface Activity {
  /** The last day; null while it goes on. */
  readonly terminatedOn: string | null;
  /** Of a corporation: its principal's last day. Null for everybody else. */
  readonly principalTerminatedOn: string | null;
}

/** All that is on record about one agent or agency, past and to come. */
export interface AgentRecords extends Activity {
  readonly licences: readonly (EffectiveDates & { readonly state: string })[];
  readonly appointments: readonly EffectiveDates[];
  readonly certifications: readonly (EffectiveDates & { readonly planYear: number })[];
}

/** The four conditions of the protection, each by itself: a decision is kept with all of them. */
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

/** The agent's standing on `day`, for a customer who lives in `state` and a plan that takes effect in `planYear`. */
export function standingOn(
  { licences, appointments, certifications, ...activity }: AgentRecords,
  { day, state, planYear }: { readonly day: string; readonly state: string; readonly planYear: number },
): AgentStanding {
  const holds = ({ from, to }: EffectiveDates): boolean => from <= day && (to === null || day <= to);
  return {
    active: isActiveOn(activity, day),
    licensed: licences.some((licence) => licence.state === state && holds(licence)),
    appointed: appointments.some(holds),
    certified: certifications.some(
      (certification) => certification.planYear === planYear && holds(certification),
    ),
  };
}

/** What keeps an agent of this standing from being eligible: the first of the four that is missing, in their order; null: nothing. */
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
