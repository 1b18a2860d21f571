/** Every kind of roster that can be imported. */
import type { Language } from '../../domain/portal';
import { agentStandingRoster } from './agent-standing';
import { agentsRoster } from './agents';
import { callCentersRoster } from './call-centers';
import { customersRoster } from './customers';
import { membersRoster } from './members';
import { plansRoster } from './plans';
import type { RosterKind } from './roster-kind';
import { staffRoster } from './staff';

/** `languages`: those that people can be written to. */
export const rosterKinds = (languages: readonly Language[]): readonly RosterKind<unknown>[] => [
  ...[membersRoster(languages), agentsRoster, agentStandingRoster],
  ...[staffRoster, callCentersRoster, plansRoster, customersRoster(languages)],
];
