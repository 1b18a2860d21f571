/** Every kind of roster that can be imported. */
import { agentStandingRoster } from './agent-standing';
import { agentsRoster } from './agents';
import { callCentersRoster } from './call-centers';
import { customersRoster } from './customers';
import { membersRoster } from './members';
import { plansRoster } from './plans';
import type { RosterKind } from './roster-kind';
import { staffRoster } from './staff';

export const rosterKinds: readonly RosterKind<unknown>[] = [
  ...[membersRoster, agentsRoster, agentStandingRoster],
  ...[staffRoster, callCentersRoster, plansRoster, customersRoster],
];
