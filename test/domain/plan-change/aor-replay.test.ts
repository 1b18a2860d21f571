import {
  AOR_RULE_VERSION,
  type AgentEvidence,
  type AorEvidence,
} from '../../../src/domain/plan-change/agent-of-record';
import type { AgentRecords, AgentStanding } from '../../../src/domain/plan-change/agent-standing';
import { differenceOnReplay, type StoredDecision } from '../../../src/domain/plan-change/aor-replay';

const all: AgentStanding = { active: true, licensed: true, appointed: true, certified: true };
const agent = (agentKey: string, lacks: Partial<AgentStanding> = {}): AgentEvidence => ({
  agentKey,
  standing: { ...all, ...lacks },
});

const byUnit: AorEvidence = {
  channel: 'plan-change-line',
  referred: false,
  original: agent('ORIGINAL'),
  facilitator: null,
};
const byOther: AorEvidence = {
  ...byUnit,
  channel: 'external-agent-application',
  facilitator: agent('OTHER'),
};

const retained: StoredDecision = {
  outcome: 'retained',
  reason: 'unit-completed',
  agentKey: 'ORIGINAL',
  commissionContinues: true,
  evidence: byUnit,
};
const transferred: StoredDecision = {
  outcome: 'transferred',
  reason: 'external-agent-facilitated',
  agentKey: 'OTHER',
  commissionContinues: false,
  evidence: byOther,
};
const nobody = { agentKey: null, commissionContinues: false };

describe('decisions that stand', () => {
  it.each<[string, StoredDecision]>([
    ['retained', retained],
    ['transferred', transferred],
    [
      'ended',
      {
        outcome: 'ended',
        reason: 'agent-not-certified',
        ...nobody,
        evidence: { ...byUnit, original: agent('ORIGINAL', { certified: false }) },
      },
    ],
    [
      'none',
      { outcome: 'none', reason: 'no-agent-of-record', ...nobody, evidence: { ...byUnit, original: null } },
    ],
    [
      'evidence with more in it than the rule asks for',
      { ...retained, evidence: { ...byUnit, day: '2026-11-22', state: 'TX', planYear: 2027 } },
    ],
  ])('A decision stands on replay: %s', (_, stored) => {
    expect(differenceOnReplay(stored)).toBeNull();
  });

  it('A version 1 decision on two numbers not known to be one person’s stands on replay', () => {
    expect(byOther).not.toHaveProperty('onePerson');
    expect(differenceOnReplay(transferred)).toBeNull();
  });

  it('A retention under another number of the agent of record stands on replay, a transfer does not', () => {
    const evidence = { ...byOther, onePerson: true };

    expect(differenceOnReplay({ ...retained, reason: 'own-agent-applied', evidence })).toBeNull();
    expect(differenceOnReplay({ ...transferred, evidence })).toMatchObject({
      kind: 'decided',
      decision: { outcome: 'retained', agentKey: 'ORIGINAL' },
    });
  });

  it('A decision of an older rule version with the same result stands on replay', () => {
    const ofOldRule = { ...retained, ruleVersion: AOR_RULE_VERSION - 1 };

    expect(differenceOnReplay(ofOldRule)).toBeNull();
  });
});

describe('decisions made again', () => {
  const notEligible = { ...byOther, facilitator: agent('OTHER', { certified: false }), again: true };
  const kept: StoredDecision = { ...retained, reason: 'facilitator-not-eligible', evidence: notEligible };

  it('A decision made again stands on replay, whoever facilitated', () => {
    const own = { ...byOther, channel: 'own-agent-application', again: true };

    expect(differenceOnReplay(kept)).toBeNull();
    expect(differenceOnReplay({ ...transferred, evidence: own })).toBeNull();
  });

  it('A decision that was not made again would be held on replay', () => {
    expect(differenceOnReplay({ ...kept, evidence: { ...notEligible, again: false } })).toMatchObject({
      kind: 'facilitator-not-eligible',
    });
  });

  it('A decision made again with another result differs on replay', () => {
    expect(differenceOnReplay({ ...kept, reason: 'own-agent-applied' })).toMatchObject({
      kind: 'decided',
      decision: { reason: 'facilitator-not-eligible' },
    });
  });
});

describe('decisions that differ', () => {
  it.each<[string, Partial<StoredDecision>]>([
    ['the outcome', { outcome: 'ended' }],
    ['the reason', { reason: 'internal-agent-completed' }],
    ['the agent', { agentKey: 'OTHER' }],
    ['nobody for an agent', { agentKey: null }],
    ['the commission', { commissionContinues: false }],
    ['a word that the rule no longer has', { reason: 'agent-called-first' }],
  ])('A decision differs on replay when %s is another one', (_, difference) => {
    expect(differenceOnReplay({ ...retained, ...difference })).toMatchObject({
      kind: 'decided',
      decision: { outcome: 'retained', reason: 'unit-completed', agentKey: 'ORIGINAL' },
    });
  });
});

const records: AgentRecords = {
  terminatedOn: null,
  principalTerminatedOn: '2027-06-30',
  licences: [{ state: 'TX', from: '2020-01-01', to: null }],
  appointments: [{ from: '2020-01-01', to: '2026-12-31' }],
  certifications: [],
};
const withRecords = (others: object = {}) => ({
  ...byUnit,
  original: { ...agent('ORIGINAL'), records: { ...records, ...others } },
});

it('A decision whose evidence has the records it came from stands on replay', () => {
  expect(differenceOnReplay({ ...retained, evidence: withRecords() })).toBeNull();
});

describe('decisions that are no longer made', () => {
  it('A decision is no longer made on replay when the facilitator was not eligible', () => {
    const evidence = { ...byOther, facilitator: agent('OTHER', { licensed: false }) };

    expect(differenceOnReplay({ ...transferred, evidence })).toEqual({
      kind: 'facilitator-not-eligible',
      agentKey: 'OTHER',
      defect: 'not-licensed',
    });
  });

  it('A decision is no longer made on replay when the facilitator does not fit the channel', () => {
    const evidence = { ...byOther, facilitator: null };

    expect(differenceOnReplay({ ...transferred, evidence })).toEqual({ kind: 'facilitator-does-not-fit' });
  });

  it.each<[string, unknown]>([
    ['nothing', null],
    ['a word', 'unit'],
    ['an empty object', {}],
    ['a channel that there no longer is', { ...byUnit, channel: 'fax' }],
    ['a channel by the name of what every object has', { ...byUnit, channel: 'toString' }],
    ['no word on whether it was handed over', { ...byUnit, referred: undefined }],
    ['one person, but not by yes or no', { ...byUnit, onePerson: 'yes' }],
    ['made again, but not by yes or no', { ...byUnit, again: 1 }],
    ['no word on the agent of record', { ...byUnit, original: undefined }],
    ['an agent without a key', { ...byUnit, original: { standing: all } }],
    ['an agent without a standing', { ...byUnit, original: { agentKey: 'ORIGINAL' } }],
    [
      'a standing with a condition missing',
      { ...byUnit, original: agent('ORIGINAL', { active: undefined! }) },
    ],
    ['an agent whose records are none', { ...byUnit, original: { ...agent('ORIGINAL'), records: [] } }],
    ['records without licences', withRecords({ licences: undefined })],
    ['a period without a first day', withRecords({ appointments: [{ to: null }] })],
    ['a period without a word on its end', withRecords({ certifications: [{ from: '2026-01-01' }] })],
    ['a last day that is none', withRecords({ terminatedOn: 20261031 })],
    ['a facilitator who is none', { ...byOther, facilitator: 'OTHER' }],
  ])('A decision’s evidence is unreadable on replay when it is %s', (_, evidence) => {
    expect(differenceOnReplay({ ...retained, evidence })).toEqual({ kind: 'evidence-unreadable' });
  });
});
