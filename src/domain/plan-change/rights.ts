/**
 * Who may do what with a plan change (spec.md 7): role x channel x move x whose it is. Whether it is possible just now (its stage) is
 * another question.
 * - Somebody on the staff roster does what their role does, with the changes that are theirs.
 * - A caller who is bound to nobody is a system that takes applications and calls in. What agents from outside facilitate is theirs alone.
 * - A number that is on no roster, or a representative whose licence is not current, may do nothing.
 */
import {
  internalRoleOf,
  isRepresentative,
  stageAt,
  type PlanChangeStage,
  type StaffMember,
  type StaffRole,
} from './plan-change';
import { planChangeRouting, type PlanChangeChannel, type PlanChangeRoute } from './routing';

export const PLAN_CHANGE_MOVES = [
  'intake',
  'claim',
  'release',
  'refer',
  'replace-facilitator',
  'complete',
  'withdraw',
  'look',
] as const;
export type PlanChangeMove = (typeof PLAN_CHANGE_MOVES)[number];

/** `system`: bound to nobody. `nobody`: a number that gives no rights. */
export const CALLER_ROLES = [
  'system',
  'plan-change-representative',
  'field-agent',
  'telesales-agent',
  'customer-service',
  'nobody',
] as const satisfies readonly (StaffRole | 'system' | 'nobody')[];

/** Who calls, by API key or session. */
export interface PlanChangeCaller {
  readonly role: (typeof CALLER_ROLES)[number];
  /** Folded; null: bound to nobody. */
  readonly staffKey: string | null;
}

/**
 * Whose a change is, seen by the caller:
 * - `theirs`: they are the internal agent who has it, or the representative who has claimed it.
 * - `handed-over`: they are the internal agent who referred it to the unit.
 * - `units`: it waits in the unit's queue. `claimed`: another representative has it.
 * - `facilitators`: another internal agent, or somebody from outside, facilitates it.
 */
export const WHOSE = ['theirs', 'handed-over', 'units', 'claimed', 'facilitators'] as const;
export type Whose = (typeof WHOSE)[number];

/**
 * - `representative-required`: it is the unit's work. `claimed-by-other`: another representative has it.
 * - `not-the-facilitator`: it is another internal agent's. `wrong-stage`: the unit has not got it.
 * - `role-not-allowed`: nothing of this kind is for this role.
 */
export type RightsRefusal =
  'representative-required' | 'claimed-by-other' | 'not-the-facilitator' | 'wrong-stage' | 'role-not-allowed';

interface Grant {
  readonly moves: readonly PlanChangeMove[];
  readonly channels: readonly PlanChangeChannel[];
  readonly whose: readonly Whose[];
}

const ALL = Object.keys(planChangeRouting) as PlanChangeChannel[];
const CALLS = ALL.filter((channel) => planChangeRouting[channel].route === 'unit');
/** What an internal agent can hand over is the unit's then, whatever its channel. */
const UNITS = ALL.filter(
  (channel) => planChangeRouting[channel].route === 'unit' || planChangeRouting[channel].mayRefer,
);

const ofInternalAgent = (channel: 'field-agent' | 'telesales-agent'): readonly Grant[] => [
  { moves: ['intake', 'refer', 'complete', 'withdraw', 'look'], channels: [channel], whose: ['theirs'] },
  { moves: ['refer', 'look'], channels: [channel], whose: ['handed-over'] },
];

/** What is not here is not allowed. */
const GRANTS: Readonly<Record<PlanChangeCaller['role'], readonly Grant[]>> = {
  system: [
    { moves: ['intake', 'refer', 'replace-facilitator', 'look'], channels: ALL, whose: WHOSE },
    { moves: ['withdraw'], channels: ALL, whose: ['units', 'facilitators'] },
    { moves: ['complete'], channels: ALL, whose: ['facilitators'] },
  ],
  'plan-change-representative': [
    // Whoever calls the line is taken in by who answers it.
    { moves: ['intake'], channels: CALLS, whose: ['units'] },
    { moves: ['claim', 'release', 'complete', 'withdraw'], channels: UNITS, whose: ['theirs', 'units'] },
    // They answer every customer, and say who has the change.
    { moves: ['look'], channels: ALL, whose: WHOSE },
  ],
  'field-agent': ofInternalAgent('field-agent'),
  'telesales-agent': ofInternalAgent('telesales-agent'),
  // Customer service transfers the call to the unit (spec.md 7): it completes nothing, and the line is not its channel.
  'customer-service': [{ moves: ['intake', 'look'], channels: ['customer-service'], whose: WHOSE }],
  nobody: [],
};

const UNITS_HANDS: readonly Whose[] = ['theirs', 'handed-over', 'units', 'claimed'];

/** Why somebody of this role may not, or null. */
export function whyNotAllowed(
  role: PlanChangeCaller['role'],
  move: PlanChangeMove,
  channel: PlanChangeChannel,
  whose: Whose,
): RightsRefusal | null {
  const granted = GRANTS[role].some(
    (grant) => grant.moves.includes(move) && grant.channels.includes(channel) && grant.whose.includes(whose),
  );
  return granted ? null : refusalOf(role, move, channel, whose);
}

function refusalOf(
  role: PlanChangeCaller['role'],
  move: PlanChangeMove,
  channel: PlanChangeChannel,
  whose: Whose,
): RightsRefusal {
  const representative = role === 'plan-change-representative';
  if (move === 'claim' || move === 'release') {
    if (!representative) return 'representative-required';
    return whose === 'claimed' ? 'claimed-by-other' : 'wrong-stage';
  }
  if ((move === 'complete' || move === 'withdraw') && UNITS_HANDS.includes(whose)) {
    const keepsOthersClaim = representative || (role === 'system' && move === 'withdraw');
    return whose === 'claimed' && keepsOthersClaim ? 'claimed-by-other' : 'representative-required';
  }
  // What an internal agent does with their own, and this is another's.
  const isForInternalAgents =
    isInternalAgent(role) &&
    internalRoleOf(channel) !== null &&
    move !== 'look' &&
    move !== 'replace-facilitator';
  return isForInternalAgents && whose === 'facilitators' ? 'not-the-facilitator' : 'role-not-allowed';
}

const isInternalAgent = (role: PlanChangeCaller['role']): boolean =>
  role === 'field-agent' || role === 'telesales-agent';

/** Who calls with `staffKey` on `day`, where the unit works; `staff` is who has that number on the roster. */
export function callerOf(staffKey: string | null, staff: StaffMember | null, day: string): PlanChangeCaller {
  if (staffKey === null) return { role: 'system', staffKey };
  if (staff === null) return { role: 'nobody', staffKey };
  const { role } = staff;
  const isLapsed = role === 'plan-change-representative' && !isRepresentative(staff, day);
  return { role: isLapsed ? 'nobody' : role, staffKey };
}

/** What of a change tells whose it is. */
export interface HeldChange {
  readonly channel: PlanChangeChannel;
  readonly stage: PlanChangeStage;
  readonly route: PlanChangeRoute;
  readonly claimedBy: string | null;
  readonly claimUntilMs: number | null;
  readonly facilitatorKey: string | null;
}

/** Whose the change is for the caller at `nowMs`. Who has changed roles has what is their role's now. */
export function whoseIs(change: HeldChange, { role, staffKey }: PlanChangeCaller, nowMs: number): Whose {
  const { route, claimedBy, facilitatorKey } = change;
  const facilitates = isInternalAgent(role) && staffKey !== null && staffKey === facilitatorKey;
  // An agent from outside may have the same key as somebody of the staff.
  if (route !== 'unit') return route === 'internal-agent' && facilitates ? 'theirs' : 'facilitators';
  if (facilitates) return 'handed-over';
  if (stageAt(change, nowMs) !== 'claimed') return 'units';
  return role === 'plan-change-representative' && claimedBy === staffKey ? 'theirs' : 'claimed';
}

/** Why the caller may not make the move with this change, or null. */
export const moveRefusal = (
  change: HeldChange,
  move: PlanChangeMove,
  caller: PlanChangeCaller,
  nowMs: number,
): RightsRefusal | null => whyNotAllowed(caller.role, move, change.channel, whoseIs(change, caller, nowMs));

/** Why the caller may not take a change in by `channel`, facilitated by `facilitatorKey` (null: nobody is named); or null. */
export function intakeRefusal(
  channel: PlanChangeChannel,
  facilitatorKey: string | null,
  caller: PlanChangeCaller,
): RightsRefusal | null {
  const { route } = planChangeRouting[channel];
  const asTaken = {
    ...{ channel, route, facilitatorKey, claimedBy: null, claimUntilMs: null },
    stage: route === 'unit' ? 'queued' : 'with-facilitator',
  } as const;
  return moveRefusal(asTaken, 'intake', caller, 0);
}

/** Why the caller does not complete the change at this moment: they may not, or it is at another stage; or null. */
export function completionRefusal(
  change: HeldChange,
  caller: PlanChangeCaller,
  nowMs: number,
): RightsRefusal | null {
  const refusal = moveRefusal(change, 'complete', caller, nowMs);
  if (refusal !== null) return refusal;
  return stageAt(change, nowMs) === (change.route === 'unit' ? 'claimed' : 'with-facilitator')
    ? null
    : 'wrong-stage';
}

/** Which changes of a list the caller may look at: all, or those of a channel, facilitated by somebody. */
export type Visible = 'all' | { readonly channel: PlanChangeChannel; readonly facilitatorKey: string | null };

/** Whether the caller may see who is, was and will be a customer's agent of record: whoever takes customers' changes in or completes them. */
export const maySeeAgentsOfRecord = ({ role }: PlanChangeCaller): boolean => role !== 'nobody';

/** Null: none of them. The same changes as the move `look` is allowed for. */
export function visibleTo({ role, staffKey }: PlanChangeCaller): Visible | null {
  switch (role) {
    case 'system':
    case 'plan-change-representative':
      return 'all';
    case 'field-agent':
    case 'telesales-agent':
      return { channel: role, facilitatorKey: staffKey };
    case 'customer-service':
      return { channel: role, facilitatorKey: null };
    case 'nobody':
      return null;
  }
}
