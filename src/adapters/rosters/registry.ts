/** Every kind of roster that can be imported. */
import { agentStandingRoster } from './agent-standing';
import { agentsRoster } from './agents';
import { membersRoster } from './members';
import type { RosterKind } from './roster-kind';

export const rosterKinds: readonly RosterKind<unknown>[] = [membersRoster, agentsRoster, agentStandingRoster];
