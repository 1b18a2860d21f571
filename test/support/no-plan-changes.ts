/** The ports of plan changes where there are none: for tests of everything else. */
import type { AorDecisions, PlanChangeFacts, PlanChanges } from '../../src/activities/ports';
import type { AgentsOfRecord, PlanChangeDesk, PlanChangeRuns } from '../../src/api/ports';
import { planChangePolicy } from '../../src/domain/plan-change-policy';

const planChanges: PlanChanges & PlanChangeDesk = {
  find: async () => null,
  putBack: async () => {},
  abandon: async () => {},
  noteEscalation: async () => {},
  hold: async () => {},
  open: async () => false,
  openChangeOf: async () => null,
  look: async () => null,
  list: async () => [],
  claimNext: async () => null,
  claim: async () => false,
  release: async () => false,
  refer: async () => false,
  replaceFacilitator: async () => false,
  withdraw: async () => false,
};

const planChangeFacts: PlanChangeFacts = {
  customer: async () => null,
  plan: async () => null,
  agent: async () => null,
  staff: async () => null,
  isOnePerson: async () => false,
};

const aorDecisions: AorDecisions = { record: async () => 'moved', findForMail: async () => null };

const planChangeRuns: PlanChangeRuns = {
  start: async () => {},
  tell: async () => {},
  complete: async () => ({ kind: 'wrong-stage', stage: 'withdrawn' }),
};

const agentsOfRecord: AgentsOfRecord = { ofCustomer: async () => null, customersOf: async () => null };

export const noPlanChanges = {
  planChanges,
  planChangeFacts,
  planChangePolicy,
  aorDecisions,
  planChangeRuns,
  agentsOfRecord,
  unitLead: { email: 'lead@example.com', firstName: '', language: 'en' as const },
};
