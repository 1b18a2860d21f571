import {
  AOR_RULE_VERSION,
  decideAgain,
  decideAgentOfRecord,
  type AgentEvidence,
  type AorAnswer,
  type AorEvidence,
} from '../../../src/domain/plan-change/agent-of-record';
import type { AgentStanding } from '../../../src/domain/plan-change/agent-standing';
import { planChangeRouting, type PlanChangeChannel } from '../../../src/domain/plan-change/routing';

const all: AgentStanding = { active: true, licensed: true, appointed: true, certified: true };
/** Eligible, and with each condition missing in turn. */
const standings: readonly (readonly [string, AgentStanding])[] = [
  ['eligible', all],
  ['terminated', { ...all, active: false }],
  ['not-licensed', { ...all, licensed: false }],
  ['not-appointed', { ...all, appointed: false }],
  ['not-certified', { ...all, certified: false }],
];
const agent = (agentKey: string, standing: AgentStanding): AgentEvidence => ({ agentKey, standing });

/** The answer in one line, so that the whole truth table can be read. */
function inWords(answer: AorAnswer): string {
  if (answer.kind === 'facilitator-does-not-fit') return 'does not fit';
  if (answer.kind === 'facilitator-not-eligible') return `held: ${answer.defect}`;
  const { outcome, reason, agentKey, commissionContinues, ruleVersion } = answer.decision;
  expect(ruleVersion).toBe(AOR_RULE_VERSION);
  return `${outcome}: ${reason}, ${agentKey ?? 'nobody'}, commission ${commissionContinues ? 'goes on' : 'ends'}`;
}

const ENDED: Readonly<Record<string, string>> = {
  terminated: 'ended: agent-terminated, nobody, commission ends',
  'not-licensed': 'ended: agent-not-licensed, nobody, commission ends',
  'not-appointed': 'ended: agent-not-appointed, nobody, commission ends',
  'not-certified': 'ended: agent-not-certified, nobody, commission ends',
};
const NONE = 'none: no-agent-of-record, nobody, commission ends';

/** The ways that nobody facilitates: what is decided when the agent of record is eligible. */
const unchanged: [PlanChangeChannel, string][] = [
  ['plan-change-line', 'retained: unit-completed, ORIGINAL, commission goes on'],
  ['customer-service', 'retained: unit-completed, ORIGINAL, commission goes on'],
  ['field-agent', 'retained: internal-agent-completed, ORIGINAL, commission goes on'],
  ['telesales-agent', 'retained: internal-agent-completed, ORIGINAL, commission goes on'],
];

describe.each(unchanged)('changes that nobody from outside facilitates, by %s', (channel, whenEligible) => {
  it.each(standings)(
    'The agent of record (%s) stays if eligible and is otherwise removed when nobody from outside facilitates',
    (name, standing) => {
      const answer = decideAgentOfRecord({
        channel,
        referred: false,
        original: agent('ORIGINAL', standing),
        facilitator: null,
      });

      expect(inWords(answer)).toBe(name === 'eligible' ? whenEligible : ENDED[name]);
    },
  );

  it('A customer without an agent of record still has none when nobody from outside facilitates', () => {
    expect(
      inWords(decideAgentOfRecord({ channel, referred: false, original: null, facilitator: null })),
    ).toBe(NONE);
  });

  it('An external agent does not fit a channel that nobody from outside facilitates', () => {
    const facilitator = agent('OTHER', all);

    expect(inWords(decideAgentOfRecord({ channel, referred: false, original: null, facilitator }))).toBe(
      'does not fit',
    );
  });
});

describe('changes by own-agent-application', () => {
  const channel = 'own-agent-application';

  it.each(standings)(
    'The agent of record (%s) stays by their own application, or the change is held',
    (name, standing) => {
      const own = agent('ORIGINAL', standing);

      expect(
        inWords(decideAgentOfRecord({ channel, referred: false, original: own, facilitator: own })),
      ).toBe(
        name === 'eligible' ? 'retained: own-agent-applied, ORIGINAL, commission goes on' : `held: ${name}`,
      );
    },
  );

  it('Only the agent of record fits the channel own-agent-application', () => {
    const others = [
      { original: agent('ORIGINAL', all), facilitator: agent('OTHER', all) },
      { original: null, facilitator: agent('OTHER', all) },
      { original: agent('ORIGINAL', all), facilitator: null },
    ];

    for (const who of others)
      expect(inWords(decideAgentOfRecord({ channel, referred: false, ...who }))).toBe('does not fit');
  });
});

const earning: [PlanChangeChannel, string][] = [
  ['external-agent-application', 'transferred: external-agent-facilitated, OTHER, commission ends'],
  ['external-call-center', 'transferred: call-center-facilitated, OTHER, commission ends'],
];

describe.each(earning)('changes that earn the customer, by %s', (channel, whenEligible) => {
  const originals: [string, AgentEvidence | null][] = [
    ['nobody', null],
    ...standings.map(([name, standing]): [string, AgentEvidence] => [name, agent('ORIGINAL', standing)]),
  ];

  it.each(
    originals.flatMap(([was, original]) => standings.map((facilitator) => ({ was, original, facilitator }))),
  )(
    'An eligible facilitator becomes agent of record, others are held: was $was, facilitator $facilitator.0',
    ({ original, facilitator: [name, standing] }) => {
      const answer = decideAgentOfRecord({
        channel,
        referred: false,
        original,
        facilitator: agent('OTHER', standing),
      });

      expect(inWords(answer)).toBe(name === 'eligible' ? whenEligible : `held: ${name}`);
    },
  );

  it('A channel that earns the customer needs a facilitator', () => {
    expect(
      inWords(decideAgentOfRecord({ channel, referred: false, original: null, facilitator: null })),
    ).toBe('does not fit');
  });
});

describe('the agent of record under another number', () => {
  const channels: PlanChangeChannel[] = [
    'own-agent-application',
    'external-agent-application',
    'external-call-center',
  ];
  const combinations = channels.flatMap((channel) =>
    standings.flatMap((original) => standings.map((facilitator) => ({ channel, original, facilitator }))),
  );

  it.each(combinations)(
    'An agent of record’s other number counts as theirs by $channel: on record $original.0, other $facilitator.0',
    ({ channel, original: [was, standing], facilitator: [name, others] }) => {
      const evidence = {
        channel,
        referred: false,
        onePerson: true,
        original: agent('ORIGINAL', standing),
        facilitator: agent('THEIRS', others),
      };
      const retained = 'retained: own-agent-applied, ORIGINAL, commission goes on';
      const whenTheyMay = was === 'eligible' ? retained : ENDED[was];

      expect(inWords(decideAgentOfRecord(evidence))).toBe(
        name === 'eligible' ? whenTheyMay : `held: ${name}`,
      );
    },
  );

  it.each(combinations)(
    'Another number counts as a stranger’s unless known to be one person’s: $channel, $original.0, $facilitator.0',
    ({ channel, original, facilitator }) => {
      const evidence = {
        channel,
        referred: false,
        original: agent('ORIGINAL', original[1]),
        facilitator: agent('THEIRS', facilitator[1]),
      };

      const transferred = earning.find(([earns]) => earns === channel)?.[1].replace('OTHER', 'THEIRS');
      const expected =
        transferred === undefined
          ? 'does not fit'
          : facilitator[0] === 'eligible'
            ? transferred
            : `held: ${facilitator[0]}`;
      expect(inWords(decideAgentOfRecord(evidence))).toBe(expected);
      expect(inWords(decideAgentOfRecord({ ...evidence, onePerson: false }))).toBe(expected);
    },
  );

  it('onePerson changes nothing without a facilitator or without an agent of record', () => {
    const own = agent('ORIGINAL', all);
    const byUnit = {
      channel: 'plan-change-line',
      referred: false,
      original: own,
      facilitator: null,
    } as const;
    const ofNobody = { ...byUnit, channel: 'external-agent-application', original: null } as const;

    expect(decideAgentOfRecord({ ...byUnit, onePerson: true })).toEqual(decideAgentOfRecord(byUnit));
    expect(inWords(decideAgentOfRecord({ ...ofNobody, facilitator: own, onePerson: true }))).toBe(
      'transferred: external-agent-facilitated, ORIGINAL, commission ends',
    );
  });
});

it('The agent of record does not fit the channel of another external agent', () => {
  const own = agent('ORIGINAL', all);
  const evidence = {
    channel: 'external-agent-application',
    referred: false,
    original: own,
    facilitator: own,
  } as const;

  expect(inWords(decideAgentOfRecord(evidence))).toBe('does not fit');
});

it('The agent of record is retained when their own call center facilitates', () => {
  const own = agent('ORIGINAL', all);
  const evidence = {
    channel: 'external-call-center',
    referred: false,
    original: own,
    facilitator: own,
  } as const;

  expect(inWords(decideAgentOfRecord(evidence))).toBe(
    'retained: own-agent-applied, ORIGINAL, commission goes on',
  );
});

it.each([
  ['field-agent', 'retained: unit-completed, ORIGINAL, commission goes on'],
  ['telesales-agent', 'retained: unit-completed, ORIGINAL, commission goes on'],
] as const)(
  'The agent of record is retained when the unit completes what an internal agent (%s) handed over',
  (channel, whenEligible) => {
    const own = agent('ORIGINAL', all);

    expect(inWords(decideAgentOfRecord({ channel, referred: true, original: own, facilitator: null }))).toBe(
      whenEligible,
    );
  },
);

it('A referral has no effect on a change that an external agent or call center facilitates', () => {
  const evidence = { referred: true, original: null, facilitator: agent('OTHER', all) };

  for (const [channel, whenEligible] of earning)
    expect(inWords(decideAgentOfRecord({ channel, ...evidence }))).toBe(whenEligible);
});

it('The routing table says each channel’s route, its facilitator or the queue, and whether it may refer', () => {
  const rows = Object.entries(planChangeRouting).map(
    ([channel, { route, facilitator, earnsCustomer, mayRefer }]) =>
      [channel, route, facilitator ?? 'queue', earnsCustomer ? 'earns' : '', mayRefer ? 'refers' : '']
        .join(' ')
        .trimEnd(),
  );

  expect(rows).toEqual([
    'plan-change-line unit queue',
    'customer-service unit queue',
    'field-agent internal-agent internal-agent  refers',
    'telesales-agent internal-agent internal-agent  refers',
    'own-agent-application own-agent external-agent',
    'external-agent-application external-agent external-agent earns',
    'external-call-center call-center call-center earns',
  ]);
});

describe('decisions made again', () => {
  const again = (evidence: Omit<AorEvidence, 'referred'>): string =>
    inWords({ kind: 'decided', decision: decideAgain({ referred: false, ...evidence }) });
  const everyAgent: (AgentEvidence | null)[] = [
    null,
    ...['ORIGINAL', 'OTHER'].flatMap((agentKey) =>
      standings.map(([, standing]) => agent(agentKey, standing)),
    ),
  ];
  const external = ['own-agent-application', 'external-agent-application', 'external-call-center'] as const;

  it('A decision made again is the same wherever the change would not be held', () => {
    let same = 0;
    for (const channel of Object.keys(planChangeRouting) as PlanChangeChannel[])
      for (const referred of [false, true])
        for (const original of everyAgent)
          for (const facilitator of everyAgent)
            for (const onePerson of [false, true]) {
              const evidence = { channel, referred, original, facilitator, onePerson };
              const answer = decideAgentOfRecord(evidence);
              const decision = decideAgain(evidence);
              expect([original?.agentKey, facilitator?.agentKey, undefined]).toContain(
                decision.agentKey ?? undefined,
              );
              if (answer.kind !== 'decided') continue;
              same += 1;
              expect(decision).toEqual(answer.decision);
            }

    expect(same).toBeGreaterThan(300);
  });

  it.each(external)('By %s a facilitator who was not eligible earned nobody anything', (channel) => {
    for (const [name, standing] of standings.slice(1)) {
      const facilitator = agent('OTHER', standing);

      expect(again({ channel, original: agent('ORIGINAL', all), facilitator })).toBe(
        'retained: facilitator-not-eligible, ORIGINAL, commission goes on',
      );
      expect(again({ channel, original: agent('ORIGINAL', standing), facilitator })).toBe(ENDED[name]);
      expect(again({ channel, original: null, facilitator })).toBe(NONE);
    }
  });

  it.each(external)('By %s the own agent stays, and another agent earns the customer', (channel) => {
    const by = channel === 'external-call-center' ? 'call-center' : 'external-agent';
    const original = agent('ORIGINAL', all);

    expect(again({ channel, original, facilitator: original })).toBe(
      'retained: own-agent-applied, ORIGINAL, commission goes on',
    );
    expect(again({ channel, original, facilitator: agent('OTHER', all), onePerson: true })).toBe(
      'retained: own-agent-applied, ORIGINAL, commission goes on',
    );
    for (const before of [original, null])
      expect(again({ channel, original: before, facilitator: agent('OTHER', all) })).toBe(
        `transferred: ${by}-facilitated, OTHER, commission ends`,
      );
  });
});
