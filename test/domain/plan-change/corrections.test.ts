import {
  correctionRefusal,
  redetermine,
  reverse,
  toRedetermine,
  type Corrected,
} from '../../../src/domain/plan-change/corrections';
import { agentsToLookUp } from '../../../src/domain/plan-change/history';
import type { PlanChangeStage } from '../../../src/domain/plan-change/plan-change';
import { byMonth, factsOf, known, LATE, recorded, type Standings } from './customer-facts';
import { reversibleDays } from '../../support/brand';

const change = (index: number, stage: PlanChangeStage = 'completed') => ({
  planChangeId: String(index),
  stage,
});
const RULES = { today: '2026-12-20', reversibleDays };
const inWords = (answer: Corrected): string =>
  answer.kind === 'refused' ? answer.reason : byMonth(answer.history);

describe('which changes can be corrected', () => {
  const { elections } = factsOf(['X@1!', 'unit@2', 'Y@2', 'unit@3']);

  it.each<[string, number, PlanChangeStage, string | null]>([
    ['in the queue', 9, 'queued', 'still-open'],
    ['claimed', 9, 'claimed', 'still-open'],
    ['with its facilitator', 9, 'with-facilitator', 'still-open'],
    ['held', 9, 'held', 'still-open'],
    ['withdrawn', 9, 'withdrawn', 'never-completed'],
    ['abandoned', 9, 'abandoned', 'never-completed'],
    ['reversed', 0, 'completed', 'already-reversed'],
    ['superseded', 1, 'completed', 'superseded'],
    ['the last for its date, before a later one', 2, 'completed', null],
    ['the latest', 3, 'completed', null],
  ])('A change that is %s', (_which, index, stage, refusal) => {
    expect(correctionRefusal(change(index, stage), elections)).toBe(refusal);
    for (const correct of [
      reverse(change(index, stage), factsOf(['X@1!', 'unit@2', 'Y@2', 'unit@3']), known(), RULES),
    ])
      expect(correct.kind === 'refused' ? correct.reason : null).toBe(refusal);
  });
});

describe('reversal', () => {
  it.each<[string, string, string]>([
    ['before the change takes effect', '2026-11-20', 'A A A A'],
    ['60 days after the effective date', '2027-03-02', 'A A A A'],
    ['61 days after it', '2027-03-03', 'too-old'],
  ])('A change can be reversed until 60 days after its effective date: %s', (_when, today, expected) => {
    expect(inWords(reverse(change(0), factsOf(['X@1']), known(), { ...RULES, today }))).toBe(expected);
  });

  it('A change before a later one can be reversed, and the later one is decided again', () => {
    const facts = recorded(factsOf(['X@1', 'unit@2']), known());

    const answer = reverse(change(0), facts, known(), RULES);

    expect(inWords(answer)).toBe('A A A A');
    expect(answer).toMatchObject({
      history: {
        decisions: [
          {
            planChangeId: '1',
            madeAgain: true,
            decision: { outcome: 'retained', commissionContinues: true },
          },
        ],
      },
    });
  });

  it('A change that was superseded counts again when the one in its place is reversed', () => {
    const facts = recorded(factsOf(['X@1', 'unit@1']), known());

    expect(inWords(reverse(change(1), facts, known(), RULES))).toBe('A X X X');
  });
});

describe('redetermination', () => {
  const LEARNT_LATE: Standings = { A: ['not-certified', 'eligible'] };
  const determine = (changes: string[], index: number, standings: Standings): Corrected => {
    const agents = known(standings);
    return redetermine(change(index), recorded(factsOf(changes), agents), agents, LATE);
  };

  it('An agent of record whose certification was learnt late gets the customer back', () => {
    const before = recorded(factsOf(['unit@1']), known(LEARNT_LATE));

    expect(before.elections[0]?.decided?.decision).toMatchObject({
      outcome: 'ended',
      reason: 'agent-not-certified',
    });
    expect(inWords(redetermine(change(0), before, known(LEARNT_LATE), LATE))).toBe('A A A A');
  });

  it.each<[string, string[], Standings, string]>([
    ['nothing was learnt', ['unit@1'], {}, 'nothing-to-correct'],
    [
      'something was learnt of an agent who is not concerned',
      ['unit@1'],
      { X: ['eligible', 'terminated'] },
      'nothing-to-correct',
    ],
    ['the agent of record was terminated', ['unit@1'], { A: ['eligible', 'terminated'] }, 'A - - -'],
    [
      'the agent of record lacked something else',
      ['unit@1'],
      { A: ['not-certified', 'terminated'] },
      'A - - -',
    ],
    ['the facilitator was not eligible', ['X@1'], { X: ['eligible', 'not-certified'] }, 'A A A A'],
    [
      'neither was eligible',
      ['X@1'],
      { X: ['eligible', 'not-certified'], A: ['eligible', 'terminated'] },
      'A - - -',
    ],
    [
      'a later change was decided from it',
      ['X@1', 'unit@2'],
      { X: ['eligible', 'not-certified'] },
      'A A A A',
    ],
    ['the agent before a facilitator was terminated', ['X@1'], { A: ['eligible', 'terminated'] }, 'A X X X'],
  ])('A change is determined again with what is known now: %s', (_what, changes, standings, expected) => {
    expect(inWords(determine(changes, 0, standings))).toBe(expected);
  });

  it('Other changes keep the standing that they were decided with', () => {
    // X was not eligible on either day, which is known only now: the second change still counts X as eligible.
    expect(inWords(determine(['X@1', 'unit@2', 'X@3'], 0, { X: ['eligible', 'terminated'] }))).toBe(
      'A A A X',
    );
  });

  it('A facilitator who was not eligible is the reason why the agent of record stays', () => {
    expect(determine(['X@1'], 0, { X: ['eligible', 'terminated'] })).toMatchObject({
      history: { decisions: [{ decision: { outcome: 'retained', reason: 'facilitator-not-eligible' } }] },
    });
  });

  it('Rows that change none of the four conditions are nothing to correct', () => {
    const agents = known();
    const more = {
      ...agents,
      records: (agentKey: string, knownAtMs: number) => {
        const records = agents.records(agentKey, knownAtMs);
        return { ...records, licences: [...records.licences, { state: 'TX', from: '2026-01-01', to: null }] };
      },
    };

    expect(inWords(redetermine(change(0), recorded(factsOf(['unit@1']), agents), more, LATE))).toBe(
      'nothing-to-correct',
    );
  });

  it('The agents of a change to be determined again are looked up as known now', () => {
    expect(agentsToLookUp(toRedetermine(factsOf(['X@1']), '0', LATE))).toEqual([
      { agentKey: 'A', knownAtMs: LATE },
      { agentKey: 'X', knownAtMs: LATE },
    ]);
  });
});
