/** A customer's past, present and future agents of record, and an agent's book of business (spec.md 7). */
import { isoTime } from '../http/fields';
import { refuseFuture } from './answers';
import {
  agentOfRecordQuery,
  agentParams,
  agentsCustomers,
  customerParams,
  customersAgent,
  customersQuery,
} from './schemas';
import { isOwnAgent, type AgentEvidence } from '../../domain/plan-change/agent-of-record';
import type { AgentRecords } from '../../domain/plan-change/agent-standing';
import { foldAgentNumber } from '../../domain/accounts/names';
import { unitDay } from '../../domain/plan-change/deadlines';
import { periodOn } from '../../domain/plan-change/history';
import { maySeeAgentsOfRecord } from '../../domain/plan-change/rights';
import { decodeCursor, pageOf } from '../http/cursor';
import type { ApiDeps } from '../deps';
import { callerOfKey } from './callers';
import type { CustomersDecision } from '../../ports/agent-of-record';
import { AppError } from '../http/problems';
import { defineRoute, type Route } from '../http/route';

const PAGE = 100;

type AgentOfRecordDeps = Pick<ApiDeps, 'agentsOfRecord' | 'planChangeFacts' | 'planChangePolicy' | 'clock'>;

export function agentOfRecordRoutes(deps: AgentOfRecordDeps): Route[] {
  const { agentsOfRecord, planChangePolicy, clock } = deps;
  const today = (): string => unitDay(planChangePolicy, clock());
  const pastTime = (knownAt: string | undefined): number | undefined => {
    if (knownAt === undefined) return undefined;
    const atMs = Date.parse(knownAt);
    refuseFuture('knownAt', atMs, clock());
    return atMs;
  };

  return [
    defineRoute({
      method: 'get',
      path: '/v1/customers/{id}/agent-of-record',
      tag: 'Plan changes',
      summary: 'A customer’s agent of record on a day, with history, decisions and evidence',
      auth: { apiKey: ['intake', 'unit', 'audit'] },
      params: customerParams,
      query: agentOfRecordQuery,
      responses: { 200: customersAgent },
      problems: ['role_not_allowed'],
      handle: async ({ params: { id: customerId }, query: { on = today(), knownAt }, key }) => {
        const isAuditor = key.scopes.includes('audit');
        if (!isAuditor && !maySeeAgentsOfRecord(await callerOfKey(deps, key)))
          throw new AppError('role_not_allowed');
        const knownAtMs = pastTime(knownAt);
        const found = await agentsOfRecord.ofCustomer(customerId, knownAtMs);
        if (found === null) throw new AppError('not_found');
        const then = periodOn(found.history, on);
        const agentNumber = then?.agentNumber ?? null;
        return {
          status: 200,
          body: {
            customerId,
            on,
            knownAt: isoTime(knownAtMs ?? clock()),
            agentOfRecord: agentNumber === null || !then ? null : { agentNumber, since: then.from },
            history: found.history.map(({ knownFromMs, ...period }) => ({
              ...period,
              knownFrom: isoTime(knownFromMs),
            })),
            decisions: found.decisions.map(decisionView),
          },
        };
      },
    }),
    defineRoute({
      method: 'get',
      path: '/v1/agents/{agentNumber}/customers',
      tag: 'Plan changes',
      summary: 'An agent’s book of business',
      auth: { apiKey: ['audit'] },
      params: agentParams,
      query: customersQuery,
      responses: { 200: agentsCustomers },
      problems: [],
      handle: async ({ params, query: { on = today(), knownAt, cursor } }) => {
        const knownAtMs = pastTime(knownAt);
        const found = await agentsOfRecord.customersOf({
          agentKey: foldAgentNumber(params.agentNumber),
          day: on,
          knownAtMs,
          after: cursor === undefined ? undefined : cursorOf(cursor),
          limit: PAGE + 1,
        });
        if (found === null) throw new AppError('not_found');
        const { page, nextCursor } = pageOf(found.customers, PAGE, ({ sinceMs, customerId }) => ({
          atMs: sinceMs,
          id: customerId,
        }));
        return {
          status: 200,
          body: {
            agentNumber: found.agentNumber,
            on,
            knownAt: isoTime(knownAtMs ?? clock()),
            customers: page.map(({ customerId, since, planId }) => ({ customerId, since, planId })),
            nextCursor,
          },
        };
      },
    }),
  ];
}

/** The list is in the order of (since, customer). */
function cursorOf(cursor: string) {
  const { atMs, id } = decodeCursor(cursor, customerParams.shape.id);
  return { atMs, customerId: id };
}

function decisionView({ evidence, ...decision }: CustomersDecision) {
  const { planChangeId, decidedAtMs, effectiveOn, outcome, reason, ruleVersion, commissionContinues } =
    decision;
  const { wasMadeAgain, isReversed, supersededBy } = decision;
  const { channel, referred, day, state, planYear, original, facilitator } = evidence;
  return {
    planChangeId,
    outcome,
    reason,
    ruleVersion,
    commissionContinues,
    agentNumber: decision.agentNumber,
    decidedAt: isoTime(decidedAtMs),
    effectiveDate: effectiveOn,
    wasMadeAgain,
    isReversed,
    supersededBy,
    evidence: {
      channel,
      referred,
      onePerson: isOwnAgent(evidence),
      day,
      state,
      planYear,
      original: evidenceView(original, decision.originalNumber),
      facilitator: evidenceView(facilitator, decision.facilitatorNumber),
    },
  };
}

function evidenceView(agent: AgentEvidence | null, agentNumber: string | null) {
  if (agent === null) return null;
  const { agentKey, standing, records } = agent;
  return { agentNumber: agentNumber ?? agentKey, ...standing, records: recordsView(records) };
}

const recordsView = (records: AgentRecords | undefined) =>
  records === undefined
    ? null
    : {
        ...records,
        licences: [...records.licences],
        appointments: [...records.appointments],
        certifications: [...records.certifications],
      };
