/**
 * What an agent may do on a day (spec.md 7): active, licensed in the customer's state, appointed, and certified for the plan year.
 * Days are calendar days, `YYYY-MM-DD`; a last day counts as a day on which it still holds.
 */

export interface EffectiveDates {
  readonly from: string;
  /** The last day; null while it goes on. */
  readonly to: string | null;
}

/** All that is on record about one agent or agency, past and to come. */
export interface AgentRecords {
  /** The last day; null while the agent is active. */
  readonly terminatedOn: string | null;
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

/** The agent's standing on `day`, for a customer who lives in `state` and a plan that takes effect in `planYear`. */
export function standingOn(
  { terminatedOn, licences, appointments, certifications }: AgentRecords,
  { day, state, planYear }: { readonly day: string; readonly state: string; readonly planYear: number },
): AgentStanding {
  const holds = ({ from, to }: EffectiveDates): boolean => from <= day && (to === null || day <= to);
  return {
    active: terminatedOn === null || day <= terminatedOn,
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
