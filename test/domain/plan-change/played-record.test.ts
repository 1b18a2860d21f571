import { wrongInWords } from '../../../src/cli/aor/wrong-in-words';
import { wrong } from '../../../src/domain/plan-change/faults';
import { sayIn } from '../../../src/ports/texts';
import { brand } from '../../support/brand';
import fc from 'fast-check';
import type { CustomerRecord, RecordedVersion } from '../../../src/domain/plan-change/customer-record';
import { whatHolds, type KnownAgents } from '../../../src/domain/plan-change/history';
import { playAgain } from '../../../src/domain/plan-change/played-record';
import { factsOf, known, FIRST_DAY, type Standings } from './customer-facts';
import { facts, learn, standings, type Fact } from './learnt-facts';

type Rows<T> = { [Table in keyof T]: T[Table] extends readonly (infer Row)[] ? Row[] : never };

/** What is on record once these facts were learnt, as far as the rules permit them. */
function recordOf(all: readonly Fact[], agents: KnownAgents = known()): CustomerRecord {
  const record: Rows<CustomerRecord> = nothing();
  let current = factsOf();
  const add = (about: Partial<RecordedVersion> & Pick<RecordedVersion, 'cause'>): void => {
    const version = record.versions.length + 1;
    record.versions.push({
      ...{
        version,
        knownFromMs: version * 10,
        previousKnownFromMs: version === 1 ? null : version * 10 - 10,
      },
      ...{ planChangeId: null, correctionId: null, disenrolment: null, ...about },
    });
    const { enrolments, agentsOfRecord } = whatHolds(current, agents);
    record.enrolments.push(...enrolments.map((period) => ({ version, ...period })));
    record.agentsOfRecord.push(...agentsOfRecord.map((period) => ({ version, ...period })));
  };
  add({ cause: 'roster' });
  for (const each of all) {
    const next = learn(current, each, agents);
    if (next === null) continue;
    const version = record.versions.length + 1;
    for (const { planChangeId, effectiveOn, decided } of next.elections) {
      const before = current.elections.find((election) => election.planChangeId === planChangeId);
      if (decided === null || before?.decided?.evidence === decided.evidence) continue;
      const previousAgentKey = decided.evidence.original?.agentKey ?? null;
      const commission = previousAgentKey === null ? null : { agentKey: previousAgentKey, effectiveOn };
      record.decisions.push({ planChangeId, version, effectiveOn, previousAgentKey, commission, ...decided });
    }
    current = next;
    if (each.kind === 'change') {
      const { planChangeId, planId, effectiveOn } = next.elections.at(-1)!;
      record.changes.push({ planChangeId, stage: 'completed', planId, effectiveOn });
      add({ cause: 'plan-change', planChangeId });
    } else if (each.kind === 'disenrolment') {
      add({ cause: each.kind, disenrolment: next.disenrolments.at(-1)! });
    } else {
      const [planChangeId, correctionId] = [String(each.of), `correction ${version}`];
      record.corrections.push({ correctionId, planChangeId, kind: each.kind });
      add({ cause: each.kind, planChangeId, correctionId });
    }
  }
  return record;
}

const nothing = (): Rows<CustomerRecord> => ({
  ...{ versions: [], enrolments: [], agentsOfRecord: [] },
  ...{ decisions: [], changes: [], corrections: [] },
});

it('What was recorded by the rules follows from how it was recorded, version by version', () => {
  let longest = 0;
  fc.assert(
    fc.property(standings, facts, (standing, all) => {
      const record = recordOf(all, known(standing));

      const { played, faults } = playAgain(record);

      expect(faults).toEqual([]);
      expect(played).toHaveLength(record.versions.length);
      longest = Math.max(longest, played.length);
    }),
    { numRuns: 200 },
  );
  expect(longest).toBeGreaterThan(5);
});

const change = (id: number, written: string): Fact => ({ kind: 'change', id, written });
/** X's application, then one by the unit from the next month on; X's is reversed, so the second is decided again. */
const STORY = [change(0, 'X@1'), change(1, 'unit@2'), { kind: 'reversal', of: 0 } as const];
const CERTIFIED_LATE: Standings = { A: ['not-certified', 'eligible'] };

/** The texts of what is wrong with the story once it was changed by hand. */
function textsOf(spoil: (record: CustomerRecord) => Partial<CustomerRecord>): string[] {
  const record = recordOf(STORY);
  return playAgain({ ...record, ...spoil(record) }).faults.map(
    ({ version, planChangeId, what }) =>
      `${version ?? '-'} ${planChangeId ?? '-'} ${wrongInWords(what, sayIn(brand.texts, 'en'))}`,
  );
}

it('The story is sound', () => {
  expect(textsOf(() => ({}))).toEqual([]);
  expect(recordOf(STORY).versions.map(({ cause }) => cause)).toEqual([
    'roster',
    'plan-change',
    'plan-change',
    'reversal',
  ]);
});

it('Nothing on record is no fault: the history has not begun', () => {
  expect(playAgain(nothing())).toEqual({ played: [], faults: [] });
});

it.each<[string, (record: CustomerRecord) => Partial<CustomerRecord>, string[]]>([
  [
    'a gap between enrolments',
    ({ enrolments }) => ({
      enrolments: enrolments.map((each) =>
        each.version === 2 && each.to === null ? { ...each, from: '2027-01-03' } : each,
      ),
    }),
    ['2 0 enrolments: gap: none between 2026-12-31 and 2027-01-03'],
  ],
  [
    'agents of record that overlap',
    ({ agentsOfRecord }) => ({
      agentsOfRecord: agentsOfRecord.map((each) =>
        each.version === 2 && each.to !== null ? { ...each, to: '2027-01-10' } : each,
      ),
    }),
    ['2 0 agents of record: overlap: 2027-01-01 is in two of them'],
  ],
  [
    'two periods without an end',
    ({ enrolments }) => ({
      enrolments: [...enrolments, { version: 1, from: '2027-05-01', to: null, planId: 'P' }],
    }),
    ['1 - enrolments: overlap: 2027-05-01 is in two of them'],
  ],
  [
    'an end of the last period',
    ({ enrolments }) => ({
      enrolments: enrolments.map((each) => (each.version === 1 ? { ...each, to: '2027-06-30' } : each)),
    }),
    ['1 - enrolments: gap: the last one ends on 2027-06-30'],
  ],
  [
    'a version without agents of record',
    ({ agentsOfRecord }) => ({ agentsOfRecord: agentsOfRecord.filter(({ version }) => version !== 3) }),
    ['3 1 agents of record: there are none'],
  ],
  [
    'chains that begin on different days',
    ({ agentsOfRecord }) => ({
      agentsOfRecord: agentsOfRecord.map((each) =>
        each.version === 1 ? { ...each, from: '2026-12-05' } : each,
      ),
    }),
    [`1 - enrolments begin on ${FIRST_DAY}, agents of record on 2026-12-05`],
  ],
  [
    'a version that is missing, of which there are periods and a decision',
    ({ versions }) => ({ versions: versions.filter(({ version }) => version !== 3) }),
    [
      '4 0 it follows 2',
      '4 0 it names another time of the version before',
      '3 - there are periods of it, and it is not on record',
      '3 1 there is a decision for it, and it is not on record',
      '- 1 it is completed, and no version came of it',
    ],
  ],
  [
    'a version that was known from no later time than the one before',
    ({ versions }) => ({
      versions: versions.map((each) =>
        each.version === 4 ? { ...each, knownFromMs: each.previousKnownFromMs! } : each,
      ),
    }),
    ['4 0 it is not known from later than the version before'],
  ],
  [
    'a completed change without its decision',
    ({ decisions }) => ({ decisions: decisions.filter(({ version }) => version !== 2) }),
    ['2 0 there is no decision about its change'],
  ],
  [
    'a change that is not completed and has a version',
    ({ changes }) => ({ changes: changes.map((each) => ({ ...each, stage: 'withdrawn' })) }),
    [
      '2 0 its plan change is withdrawn',
      '3 1 its plan change is withdrawn',
      '4 0 its plan change is withdrawn',
    ],
  ],
  [
    'a completed change of which nothing came',
    ({ changes }) => ({
      changes: [
        ...changes,
        { planChangeId: '7', stage: 'completed', planId: 'P7', effectiveOn: '2027-05-01' },
      ],
    }),
    ['- 7 it is completed, and no version came of it'],
  ],
  ['a reversal that nobody requested', () => ({ corrections: [] }), ['4 0 its correction was not requested']],
  [
    'a reversal that was requested as something else',
    ({ corrections }) => ({ corrections: corrections.map((each) => ({ ...each, kind: 'redetermination' })) }),
    ['4 0 its correction was requested as redetermination of plan change 0'],
  ],
  [
    'a decision without evidence',
    ({ decisions }) => ({
      decisions: decisions.map((each) => (each.version === 3 ? { ...each, evidence: {} as never } : each)),
    }),
    ['3 1 its decision has no evidence that can be read'],
  ],
  [
    'a decision that does not follow from its evidence',
    ({ decisions }) => ({
      decisions: decisions.map((each) =>
        each.version === 2 ? { ...each, decision: { ...each.decision, agentKey: 'Y' } } : each,
      ),
    }),
    [
      '2 0 its decision does not follow from its evidence',
      '2 0 agents of record: A 2026-12-01 to 2026-12-31, X from 2027-01-01 on; by what was recorded: A 2026-12-01 to 2026-12-31, Y from 2027-01-01 on',
    ],
  ],
  [
    'evidence that says another thing than its rows',
    ({ decisions }) => ({
      decisions: decisions.map((each) => {
        const { original } = each.evidence;
        const spoilt = { ...original!, standing: { ...original!.standing, appointed: false } };
        return each.version === 2 ? { ...each, evidence: { ...each.evidence, original: spoilt } } : each;
      }),
    }),
    ['2 0 its evidence says another thing of agent A than the rows in it: appointed'],
  ],
  [
    'a commission fact of another agent, and none',
    ({ decisions }) => ({
      decisions: decisions.map((each) => ({
        ...each,
        commission: each.version === 2 ? null : { ...each.commission!, agentKey: 'Q' },
      })),
    }),
    ['2 0', '3 1', '4 1'].map(
      (about) => `${about} it is not on record what its decision means for the commission`,
    ),
  ],
  [
    'a later change that was not decided again',
    ({ decisions }) => ({ decisions: decisions.filter(({ version }) => version !== 4) }),
    ['4 0 plan change 1 is not decided from A, agent of record on the day before it takes effect'],
  ],
  [
    'a change that was decided again without a reason',
    ({ decisions }) => ({ decisions: [...decisions, { ...decisions.at(0)!, version: 3 }] }),
    ['3 1 plan change 0 is decided again without a reason'],
  ],
  [
    'a decision about a change that does not count',
    ({ decisions }) => ({ decisions: [...decisions, { ...decisions.at(0)!, version: 4 }] }),
    ['4 0 plan change 0 is decided and does not count'],
  ],
  [
    'another plan than was elected',
    ({ enrolments }) => ({
      enrolments: enrolments.map((each) =>
        each.version === 4 && each.to === null ? { ...each, planId: 'P0' } : each,
      ),
    }),
    [
      '4 0 enrolments: BASE 2026-12-01 to 2027-01-31, P0 from 2027-02-01 on; by what was recorded: BASE 2026-12-01 to 2027-01-31, P1 from 2027-02-01 on',
    ],
  ],
])('%s is a fault', (_, spoil, texts) => {
  expect(textsOf(spoil)).toEqual(texts);
});

it('A redetermination decides its change again, and one that decides nothing is a fault', () => {
  const record = recordOf([change(0, 'unit@1'), { kind: 'redetermination', of: 0 }], known(CERTIFIED_LATE));

  expect(record.decisions).toHaveLength(2);
  expect(playAgain(record).faults).toEqual([]);
  expect(playAgain({ ...record, decisions: record.decisions.slice(0, 1) }).faults).toEqual([
    { version: 3, planChangeId: '0', what: wrong('no-decision') },
  ]);
});

it('Whatever single period or decision is changed by hand, something does not follow', () => {
  fc.assert(
    fc.property(standings, facts, fc.nat(), (standing, all, place) => {
      const record = recordOf(all, known(standing));
      const { enrolments, agentsOfRecord, decisions } = record;
      const at = place % enrolments.length;
      const atAgent = place % agentsOfRecord.length;
      const faultsWith = (spoilt: Partial<CustomerRecord>) => playAgain({ ...record, ...spoilt }).faults;

      // What the roster brought is what everything else follows from.
      if (enrolments[at]!.version > 1)
        expect(
          faultsWith({ enrolments: enrolments.with(at, { ...enrolments[at]!, planId: 'Q' }) }),
        ).not.toEqual([]);
      const byOther = { ...agentsOfRecord[atAgent]!, agentKey: 'Q' };
      if (byOther.version > 1)
        expect(faultsWith({ agentsOfRecord: agentsOfRecord.with(atAgent, byOther) })).not.toEqual([]);
      expect(faultsWith({ agentsOfRecord: agentsOfRecord.toSpliced(atAgent, 1) })).not.toEqual([]);
      if (decisions.length > 0)
        expect(faultsWith({ decisions: decisions.toSpliced(place % decisions.length, 1) })).not.toEqual([]);
    }),
    { numRuns: 200 },
  );
});
