import { alsoConcerned, concernedAgents } from '../../../src/domain/plan-change/concerned-agents';
import { redetermine, reverse, type Corrected } from '../../../src/domain/plan-change/corrections';
import { whatHolds, type CustomerHistory, type Disenrolment } from '../../../src/domain/plan-change/history';
import { factsOf, known, LATE, recorded, type Standings } from './customer-facts';

const inWords = (before: CustomerHistory, after: CustomerHistory): string[] =>
  concernedAgents(before, after).map(
    ({ agentKey, told, now, from }) =>
      `${agentKey}: told ${told}, now ${now}${from === null ? '' : ` from ${from}`}`,
  );

/** Who is concerned when change `index` is corrected. */
function concernedBy(
  kind: 'reversal' | 'redetermination',
  changes: string[],
  index: number,
  standings: Standings = {},
) {
  const agents = known(standings);
  const facts = recorded(factsOf(changes), agents);
  const change = { planChangeId: String(index), stage: 'completed' } as const;
  const answer: Corrected =
    kind === 'reversal'
      ? reverse(change, facts, agents, { today: '2026-12-20', reversibleDays: 60 })
      : redetermine(change, facts, agents, LATE);
  if (answer.kind === 'refused') throw new Error(answer.reason);
  return inWords(whatHolds(facts, agents), answer.history);
}

it.each<[string, string[], number, string[]]>([
  [
    'which another agent had',
    ['X@1'],
    0,
    ['A: told lost, now regained from 2027-01-01', 'X: told gained, now lost from 2027-01-01'],
  ],
  ['by which nothing passed', ['unit@1'], 0, ['A: told kept, now kept']],
  [
    'before a later one by which nothing passed',
    ['X@1', 'unit@2'],
    0,
    ['A: told lost, now regained from 2027-01-01', 'X: told kept, now lost from 2027-01-01'],
  ],
  [
    'before another agent’s',
    ['X@1', 'Y@2'],
    0,
    [
      'A: told lost, now regained from 2027-01-01',
      'X: told lost, now lost from 2027-01-01',
      'Y: told gained, now kept',
    ],
  ],
  [
    'that had taken another agent’s place',
    ['X@1', 'Y@1'],
    1,
    [
      'A: told lost, now kept',
      'X: told null, now gained from 2027-01-01',
      'Y: told gained, now lost from 2027-01-01',
    ],
  ],
  ['before one that is not decided again', ['unit@1', 'X@2'], 0, ['A: told kept, now kept']],
])(
  'A reversal concerns every agent of a decision that it changes: of a change %s',
  (_which, changes, index, expected) => {
    expect(concernedBy('reversal', changes, index)).toEqual(expected);
  },
);

it.each<[string, string[], Standings, string[]]>([
  [
    'gets a customer back',
    ['unit@1'],
    { A: ['not-certified', 'eligible'] },
    ['A: told lost, now regained from 2027-01-01'],
  ],
  [
    'loses a customer',
    ['unit@1'],
    { A: ['eligible', 'terminated'] },
    ['A: told kept, now lost from 2027-01-01'],
  ],
  [
    'had a customer whom another agent gets back',
    ['X@1'],
    { X: ['eligible', 'terminated'] },
    ['A: told lost, now regained from 2027-01-01', 'X: told gained, now lost from 2027-01-01'],
  ],
  [
    'lost a customer for another reason',
    ['unit@1'],
    { A: ['not-certified', 'terminated'] },
    ['A: told lost, now kept'],
  ],
])('A redetermination concerns an agent who %s', (_who, changes, standings, expected) => {
  expect(concernedBy('redetermination', changes, 0, standings)).toEqual(expected);
});

it('A change that takes another’s place concerns the agents of both', () => {
  const of = (changes: string[]) => whatHolds(factsOf(changes), known());

  expect(inWords(of(['X@1']), of(['X@1', 'unit@1']))).toEqual([
    'A: told lost, now regained from 2027-01-01',
    'X: told gained, now lost from 2027-01-01',
  ]);
});

it.each([
  ['X@1', 'unit@1', ['X']],
  ['X@1', 'Y@1', ['X']],
  ['X@1', 'X@1', []],
  ['X@1', 'A@1', ['X']],
  ['unit@1', 'X@1', []],
  ['X@1', 'Y@2', []],
])('After %s, a change %s concerns besides those whom its decision names: %j', (first, second, others) => {
  const of = (...changes: string[]) => whatHolds(factsOf(changes), known());

  expect(alsoConcerned(of(first), of(first, second), '1')).toEqual(others);
});

it('A disenrolment concerns the agent who loses the customer, whom no decision named', () => {
  const ended: Disenrolment = { enrolledFrom: '2026-12-01', lastDay: '2027-01-31' };
  const of = (...disenrolments: Disenrolment[]) => whatHolds(factsOf([], disenrolments), known());

  expect(inWords(of(), of(ended))).toEqual(['A: told null, now lost from 2027-02-01']);
  expect(inWords(of(ended), of(ended))).toEqual([]);
});
