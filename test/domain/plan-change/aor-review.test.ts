import fc from 'fast-check';
import type { AgentEvidence, GatheredEvidence } from '../../../src/domain/plan-change/agent-of-record';
import { decideAgain } from '../../../src/domain/plan-change/agent-of-record';
import type { AgentRecords, AgentStanding } from '../../../src/domain/plan-change/agent-standing';
import { reviewDecision, type DecisionToReview } from '../../../src/domain/plan-change/aor-review';
import { redetermine } from '../../../src/domain/plan-change/corrections';
import type { KnownAgents } from '../../../src/domain/plan-change/history';
import { differenceInWords } from '../../../src/ports/standing-in-words';
import { sayIn } from '../../../src/ports/texts';
import { brand } from '../../support/brand';
import { factsOf, known, LATE, recorded, type Eligibility } from './customer-facts';

const say = sayIn(brand.texts, 'en');
const NOW = 5;
const all: AgentStanding = { active: true, licensed: true, appointed: true, certified: true };
const agent = (agentKey: string, lacks: Partial<AgentStanding> = {}): AgentEvidence => ({
  agentKey,
  standing: { ...all, ...lacks },
});
const period = { from: '2020-01-01', to: null };
const eligible: AgentRecords = {
  terminatedOn: null,
  principalTerminatedOn: null,
  licences: [{ state: 'TX', ...period }],
  appointments: [period],
  certifications: [{ planYear: 2027, from: '2026-10-01', to: null }],
};
/** What the rosters tell now; by default that every agent is eligible. */
const now = (told: Readonly<Record<string, Partial<AgentRecords>>> = {}, onePerson = false): KnownAgents => ({
  records: (agentKey, knownAtMs) => {
    expect(knownAtMs).toBe(NOW);
    return { ...eligible, ...told[agentKey] };
  },
  isOnePerson: () => onePerson,
});

const byUnit: GatheredEvidence = {
  channel: 'plan-change-line',
  referred: false,
  original: agent('A1'),
  facilitator: null,
  day: '2026-11-21',
  state: 'TX',
  planYear: 2027,
};
const byOther: GatheredEvidence = {
  ...byUnit,
  channel: 'external-agent-application',
  facilitator: agent('B2'),
};
const decidedBy = (evidence: GatheredEvidence): DecisionToReview => ({
  ...decideAgain(evidence),
  evidence,
  originalNumber: evidence.original && 'A-1',
  facilitatorNumber: null,
});
/** With the differences in words. */
function review(evidence: GatheredEvidence, agents: KnownAgents, recordedAs = decidedBy(evidence)) {
  const found = reviewDecision({ ...recordedAs, evidence }, agents, NOW);
  const inWords = found?.differences.map((each) => differenceInWords(each, evidence, say));
  return found && { ...found, differences: inWords };
}

it.each<[string, GatheredEvidence, KnownAgents]>([
  ['the rosters tell the same', byUnit, now()],
  ['there was no agent', { ...byUnit, original: null }, now()],
  [
    'other lines tell the same of that day',
    { ...byUnit, original: { ...agent('A1'), records: { ...eligible, terminatedOn: '2027-01-01' } } },
    now({ A1: { licences: [{ state: 'TX', from: '2026-11-21', to: '2026-11-21' }] } }),
  ],
  ['both are one person as before', { ...byOther, onePerson: true }, now({}, true)],
  [
    'the own agent facilitates',
    { ...byOther, channel: 'external-call-center', facilitator: agent('A1') },
    now(),
  ],
])('A decision is not different by today’s rosters when %s', (_, evidence, agents) => {
  expect(review(evidence, agents)).toBeNull();
});

it('A certification that was learnt late is a difference, and would keep the agent of record', () => {
  const evidence = { ...byUnit, original: agent('A1', { certified: false }) };

  expect(review(evidence, now())).toEqual({
    differences: ['agent A-1: certified for 2027: was no, is yes (from 2026-10-01)'],
    redetermined: {
      outcome: 'retained',
      reason: 'unit-completed',
      agentKey: 'A1',
      agentNumber: 'A-1',
      commissionContinues: true,
      ruleVersion: 2,
    },
    outcomeDiffers: true,
  });
});

it.each<[Partial<AgentRecords>, string, string]>([
  [
    { terminatedOn: '2026-11-20' },
    'active: was yes (no last day), is no (last day 2026-11-20)',
    'terminated',
  ],
  [
    { principalTerminatedOn: '2026-10-31' },
    'active: was yes (no last day), is no (last day of the principal 2026-10-31)',
    'terminated',
  ],
  [
    { licences: [{ state: 'FL', ...period }] },
    'licensed in TX: was yes (from 2020-01-01), is no (none on record)',
    'not-licensed',
  ],
  [
    {
      appointments: [
        { from: '2019-01-01', to: '2025-12-31' },
        { from: '2026-11-22', to: null },
      ],
    },
    'appointed: was yes (from 2020-01-01), is no (from 2019-01-01 to 2025-12-31; from 2026-11-22)',
    'not-appointed',
  ],
  [
    { certifications: [{ planYear: 2026, ...period }] },
    'certified for 2027: was yes (from 2026-10-01), is no (none on record)',
    'not-certified',
  ],
])(
  'A condition that was learnt late not to hold would end the agent of record: %j',
  (told, difference, defect) => {
    const evidence = { ...byUnit, original: { ...agent('A1'), records: eligible } };

    expect(review(evidence, now({ A1: told }))).toMatchObject({
      differences: [`agent A-1: ${difference}`],
      redetermined: { outcome: 'ended', reason: `agent-${defect}` },
      outcomeDiffers: true,
    });
  },
);

it('Every difference is told, also where the outcome stays', () => {
  const agents = now({ A1: { licences: [] }, B2: { terminatedOn: '2027-06-30' } });
  const evidence = { ...byOther, original: agent('A1', { certified: false }), facilitator: agent('B2') };

  expect(review(evidence, agents)).toMatchObject({
    differences: [
      'agent A-1: licensed in TX: was yes, is no (none on record)',
      'agent A-1: certified for 2027: was no, is yes (from 2026-10-01)',
    ],
    redetermined: { outcome: 'transferred', agentKey: 'B2' },
    outcomeDiffers: false,
  });
});

it('Another reason alone is no other outcome', () => {
  const evidence = { ...byUnit, original: agent('A1', { licensed: false }) };

  expect(review(evidence, now({ A1: { certifications: [] } }))).toMatchObject({
    redetermined: { outcome: 'ended', reason: 'agent-not-certified' },
    outcomeDiffers: false,
  });
});

it('A facilitator who was not eligible, as is known now, earned nobody anything', () => {
  expect(review(byOther, now({ B2: { certifications: [] } }))).toMatchObject({
    differences: ['agent B2: certified for 2027: was yes, is no (none on record)'],
    redetermined: { outcome: 'retained', reason: 'facilitator-not-eligible', agentKey: 'A1' },
    outcomeDiffers: true,
  });
});

it('An agent who is agent of record and facilitator is told once', () => {
  const evidence = { ...byUnit, channel: 'own-agent-application' as const, facilitator: agent('A1') };

  expect(review(evidence, now({ A1: { appointments: [] } }))?.differences).toEqual([
    'agent A-1: appointed: was yes, is no (none on record)',
  ]);
});

it.each([true, false])('Two numbers of one person, or not, are a difference: %s', (onePerson) => {
  const [was, is] = onePerson ? ['no', 'yes'] : ['yes', 'no'];

  expect(review({ ...byOther, onePerson: !onePerson }, now({}, onePerson))).toMatchObject({
    differences: [`agents A-1 and B2: one person: was ${was}, is ${is}`],
    outcomeDiffers: true,
  });
});

it('Evidence that cannot be read is told as such', () => {
  const evidence = { ...byUnit, channel: 'fax' } as unknown as GatheredEvidence;

  expect(review(evidence, now(), decidedBy(byUnit))).toEqual({
    differences: ['the evidence cannot be read'],
    redetermined: null,
    outcomeDiffers: false,
  });
});

it('A review finds what a redetermination would correct, with the same decision', () => {
  const eligibility = fc.constantFrom<Eligibility>('eligible', 'terminated', 'not-certified');
  const standing = fc.tuple(eligibility, eligibility);
  const who = fc.constantFrom('unit', 'A', 'A2', 'X', 'Z');
  fc.assert(
    fc.property(
      fc.record({ A: standing, A2: standing, X: standing, Z: standing }),
      fc.tuple(who, who, who),
      fc.nat(2),
      (standings, [one, two, three], which) => {
        const agents = known(standings);
        const facts = recorded(factsOf([`${one}@1`, `${two}@2`, `${three}@3`]), agents);
        const { decided, planChangeId } = facts.elections[which]!;
        const numbers = { originalNumber: null, facilitatorNumber: null };

        const found = reviewDecision({ ...decided!.decision, ...decided!, ...numbers }, agents, LATE);

        const corrected = redetermine({ planChangeId, stage: 'completed' }, facts, agents, LATE);
        expect(found === null).toBe(corrected.kind === 'refused');
        if (corrected.kind === 'corrected')
          expect(found?.redetermined).toMatchObject(corrected.history.decisions[which]!.decision);
      },
    ),
    { numRuns: 300 },
  );
});
