/** Plan change ports without plan changes, for tests of everything else. */
import type {
  AorCorrectionRequests,
  AorCorrectionRuns,
  AorCorrections,
} from '../../src/ports/aor-correction';
import type { AgentsOfRecord, AorDecisions, AorReviews } from '../../src/ports/agent-of-record';
import type { PlanChangeFacts, PlanChanges } from '../../src/ports/plan-change';
import type { PlanChangeQueue, PlanChangeRuns } from '../../src/ports/plan-change';
import { planChangePolicy } from './brand';

const planChanges: PlanChanges & PlanChangeQueue = {
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

const aorDecisions: AorDecisions = {
  inCustomersTurn: () => Promise.reject(new Error('there are no plan changes')),
  record: async () => 'moved',
  findForMail: async () => null,
  alsoConcerned: async () => [],
};

const planChangeRuns: PlanChangeRuns = {
  start: async () => {},
  notifyRun: async () => {},
  complete: async () => ({ kind: 'wrong-stage', stage: 'withdrawn' }),
};

const agentsOfRecord: AgentsOfRecord = { ofCustomer: async () => null, customersOf: async () => null };

const aorCorrections: AorCorrections & AorCorrectionRequests = {
  request: async () => {},
  inCustomersTurn: async () => {
    throw new Error('there is no such correction');
  },
  findEffect: async () => null,
  findForMail: async () => null,
};

const aorCorrectionRuns: AorCorrectionRuns = {
  carryOut: async () => ({ kind: 'refused', reason: 'still-open' }),
};

const aorReviews: AorReviews = {
  page: async () => ({
    decisions: [],
    agents: {
      records: () => {
        throw new Error('there are no agents');
      },
      isOnePerson: () => false,
    },
  }),
};

export const noPlanChanges = {
  planChanges,
  planChangeFacts,
  planChangePolicy,
  aorDecisions,
  planChangeRuns,
  agentsOfRecord,
  commissionStatements: { page: async () => null },
  aorCorrections,
  aorCorrectionRuns,
  reversibleDays: 60,
  aorReviews,
  agentTerminations: { findForMail: async () => null },
  compliance: null,
  unitLead: { email: 'lead@example.com', firstName: '', language: 'en' as const },
};
