/**
 * Who may do what with a plan change (spec.md 7): role x channel x move x owner. Whether it is possible at the moment (its stage) is
 * checked separately.
 * - A person on the staff roster may do what the role allows, with their own changes.
 * - A caller without a staff number is a system that takes in applications and calls. Only systems handle changes of outside agents.
 * - A number on no roster, or a representative without a current licence, may do nothing.
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
  'reverse',
  'look',
] as const;
export type PlanChangeMove = (typeof PLAN_CHANGE_MOVES)[number];

/** `system`: no staff number. `nobody`: a number without rights. */
export const CALLER_ROLES = [
  'system',
  'plan-change-representative',
  'field-agent',
  'telesales-agent',
  'customer-service',
  'nobody',
] as const satisfies readonly (StaffRole | 'system' | 'nobody')[];

/** The caller, by API key or session. */
export interface PlanChangeCaller {
  readonly role: (typeof CALLER_ROLES)[number];
  /** Folded; null: no staff number. */
  readonly staffKey: string | null;
}

/**
 * The owner of a change, from the caller's point of view:
 * - `theirs`: the caller is the internal agent who has it, or the representative who claimed it.
 * - `handed-over`: the caller is the internal agent who referred it to the unit.
 * - `units`: it waits in the unit's queue. `claimed`: another representative has it.
 * - `facilitators`: another internal agent, or an outside facilitator, has it.
 */
export const WHOSE = ['theirs', 'handed-over', 'units', 'claimed', 'facilitators'] as const;
export type Whose = (typeof WHOSE)[number];

/**
 * - `representative-required`: it is the unit's work. `claimed-by-other`: another representative has it.
 * - `not-the-facilitator`: another internal agent has it. `wrong-stage`: the unit does not have it.
 * - `role-not-allowed`: the role never allows this.
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
/** A referred change belongs to the unit, whatever its channel. */
const UNITS = ALL.filter(
  (channel) => planChangeRouting[channel].route === 'unit' || planChangeRouting[channel].mayRefer,
);

const ofInternalAgent = (channel: 'field-agent' | 'telesales-agent'): readonly Grant[] => [
  {
    moves: ['intake', 'refer', 'complete', 'withdraw', 'reverse', 'look'],
    channels: [channel],
    whose: ['theirs'],
  },
  { moves: ['refer', 'look'], channels: [channel], whose: ['handed-over'] },
];

/** Everything not listed is forbidden. */
const GRANTS: Readonly<Record<PlanChangeCaller['role'], readonly Grant[]>> = {
  system: [
    { moves: ['intake', 'refer', 'replace-facilitator', 'reverse', 'look'], channels: ALL, whose: WHOSE },
    { moves: ['withdraw'], channels: ALL, whose: ['units', 'facilitators'] },
    { moves: ['complete'], channels: ALL, whose: ['facilitators'] },
  ],
  'plan-change-representative': [
    // Representatives answer the line, so they take in its calls.
    { moves: ['intake'], channels: CALLS, whose: ['units'] },
    {
      moves: ['claim', 'release', 'complete', 'withdraw', 'reverse'],
      channels: UNITS,
      whose: ['theirs', 'units'],
    },
    // They serve every customer, and can say who has the change.
    { moves: ['look'], channels: ALL, whose: WHOSE },
  ],
  'field-agent': ofInternalAgent('field-agent'),
  'telesales-agent': ofInternalAgent('telesales-agent'),
  // Customer service transfers the call to the unit (spec.md 7): it completes nothing, and the line is not its channel.
  'customer-service': [{ moves: ['intake', 'look'], channels: ['customer-service'], whose: WHOSE }],
  nobody: [],
};

const UNITS_HANDS: readonly Whose[] = ['theirs', 'handed-over', 'units', 'claimed'];

/** Why this role may not, or null. */
export function rightsRefusal(
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
  // Internal agents may do this with their own changes, but this one is another's.
  const isForInternalAgents =
    isInternalAgent(role) &&
    internalRoleOf(channel) !== null &&
    move !== 'look' &&
    move !== 'replace-facilitator';
  return isForInternalAgents && whose === 'facilitators' ? 'not-the-facilitator' : 'role-not-allowed';
}

const isInternalAgent = (role: PlanChangeCaller['role']): boolean =>
  role === 'field-agent' || role === 'telesales-agent';

/** The caller with `staffKey` on `day` (the unit's time zone); `staff` is the roster's entry for that number. */
export function callerOf(staffKey: string | null, staff: StaffMember | null, day: string): PlanChangeCaller {
  if (staffKey === null) return { role: 'system', staffKey };
  if (staff === null) return { role: 'nobody', staffKey };
  const { role } = staff;
  const isLapsed = role === 'plan-change-representative' && !isRepresentative(staff, day);
  return { role: isLapsed ? 'nobody' : role, staffKey };
}

/** The parts of a change that determine its owner. */
export interface OwnedChange {
  readonly channel: PlanChangeChannel;
  readonly stage: PlanChangeStage;
  readonly route: PlanChangeRoute;
  readonly claimedBy: string | null;
  readonly claimUntilMs: number | null;
  readonly facilitatorKey: string | null;
}

/** The change's owner from the caller's point of view at `nowMs`. After a change of role the new role counts. */
export function whoseIs(change: OwnedChange, { role, staffKey }: PlanChangeCaller, nowMs: number): Whose {
  const { route, claimedBy, facilitatorKey } = change;
  const facilitates = isInternalAgent(role) && staffKey !== null && staffKey === facilitatorKey;
  // An outside agent may have the same key as a staff member.
  if (route !== 'unit') return route === 'internal-agent' && facilitates ? 'theirs' : 'facilitators';
  if (facilitates) return 'handed-over';
  if (stageAt(change, nowMs) !== 'claimed') return 'units';
  return role === 'plan-change-representative' && claimedBy === staffKey ? 'theirs' : 'claimed';
}

/** Why the caller may not make the move with this change, or null. */
export const moveRefusal = (
  change: OwnedChange,
  move: PlanChangeMove,
  caller: PlanChangeCaller,
  nowMs: number,
): RightsRefusal | null => rightsRefusal(caller.role, move, change.channel, whoseIs(change, caller, nowMs));

/** Why the caller may not take in a change by `channel`, facilitated by `facilitatorKey` (null: nobody is named); or null. */
export function intakeRefusal(
  channel: PlanChangeChannel,
  facilitatorKey: string | null,
  caller: PlanChangeCaller,
): RightsRefusal | null {
  const { route } = planChangeRouting[channel];
  const asTaken = {
    channel,
    route,
    facilitatorKey,
    claimedBy: null,
    claimUntilMs: null,
    stage: route === 'unit' ? 'queued' : 'with-facilitator',
  } as const;
  return moveRefusal(asTaken, 'intake', caller, 0);
}

/** Why the caller cannot complete the change now: not allowed, or at another stage; or null. */
export function completionRefusal(
  change: OwnedChange,
  caller: PlanChangeCaller,
  nowMs: number,
): RightsRefusal | null {
  const refusal = moveRefusal(change, 'complete', caller, nowMs);
  if (refusal !== null) return refusal;
  return stageAt(change, nowMs) === (change.route === 'unit' ? 'claimed' : 'with-facilitator')
    ? null
    : 'wrong-stage';
}

/** Which changes of a list the caller may see: all, or those of a channel or facilitator. */
export type Visible = 'all' | { readonly channel: PlanChangeChannel; readonly facilitatorKey: string | null };

/** Whether the caller may see a customer's agents of record: callers who take in or complete customers' changes may. */
export const maySeeAgentsOfRecord = ({ role }: PlanChangeCaller): boolean => role !== 'nobody';

/** Null: none. Matches the changes for which the move `look` is allowed. */
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
