import { randomUUID } from 'node:crypto';
import { aorCommand } from '../../src/cli/aor';
import type { GatheredEvidence } from '../../src/contracts/plan-change';
import {
  decideAgentOfRecord,
  type AgentEvidence,
  type AorDecision,
} from '../../src/domain/plan-change/agent-of-record';
import type { AgentStanding } from '../../src/domain/plan-change/agent-standing';
import { DAY_MS } from '../../src/domain/time';
import {
  NOW_MS,
  insertAgent,
  insertCustomer,
  insertDecision as insertRecorded,
} from '../adapters/postgres/records';
import { createTestDatabase, type TestDatabase } from '../support/database';

const KEY_ID = '5f0c1a52-7a1d-4a57-9d58-0d5a43b6d1c0';

let database: TestDatabase;
const drop = (): Promise<void> => database.drop();

async function open(): Promise<void> {
  database = await createTestDatabase();
  await insertAgent(database.prisma, { agentNumber: 'A-1001', firstName: 'Olive', lastName: 'Original' });
  await insertAgent(database.prisma, { agentNumber: 'B-2002', firstName: 'Otto', lastName: 'Other' });
  await database.prisma.staff.createMany({
    data: [
      {
        staffKey: 'S17',
        staffNumber: 'S-17',
        role: 'plan-change-representative',
        firstName: 'Rita',
        lastName: 'Rep',
        licensedFrom: new Date('2026-01-01'),
      },
      { staffKey: 'S90', staffNumber: 'S-90', role: 'field-agent', firstName: 'Fay', lastName: 'Field' },
    ],
  });
}

async function run(args: readonly string[], { pageSize = 1000, databaseUrl = database.url } = {}) {
  let out = '';
  let err = '';
  const code = await aorCommand(
    args,
    { DATABASE_URL: databaseUrl },
    { out: (text) => (out += text), err: (text) => (err += text) },
    NOW_MS,
    pageSize,
  );
  return { code, out, err };
}

const all: AgentStanding = { active: true, licensed: true, appointed: true, certified: true };
const original = (lacks: Partial<AgentStanding> = {}): AgentEvidence => ({
  agentKey: 'A1001',
  standing: { ...all, ...lacks },
});
const other = (lacks: Partial<AgentStanding> = {}): AgentEvidence => ({
  agentKey: 'B2002',
  standing: { ...all, ...lacks },
});

interface DecisionFields {
  readonly evidence?: Partial<GatheredEvidence>;
  /** What is recorded, where that is not what the rule says; and the evidence, where the rule cannot read it. */
  readonly recorded?: { readonly [Field in keyof AorDecision]?: AorDecision[Field] };
  readonly recordedEvidence?: object;
  readonly decidedAtMs?: number;
  readonly completedBy?: string | null;
  readonly facilitatorKey?: string | null;
}

/** A completed change whose customer's agent of record, A-1001, was eligible; decided by the rule. Gives its id. */
async function insertDecision({
  evidence: fields = {},
  recorded = {},
  recordedEvidence,
  decidedAtMs = NOW_MS - DAY_MS,
  completedBy = 'S17',
  facilitatorKey = null,
}: DecisionFields = {}): Promise<string> {
  const evidence: GatheredEvidence = {
    channel: 'plan-change-line',
    referred: false,
    original: original(),
    facilitator: null,
    day: '2026-11-21',
    state: 'TX',
    planYear: 2027,
    ...fields,
  };
  const answer = decideAgentOfRecord(evidence);
  const decision = { ruleVersion: 1, ...(answer.kind === 'decided' ? answer.decision : {}), ...recorded };
  const id = randomUUID();
  const change = await insertChange({
    id,
    stage: 'completed',
    endedAt: new Date(decidedAtMs),
    facilitatorKey,
  });
  const { customerId } = change;
  await insertRecorded(database.prisma, {
    planChangeId: id,
    customerId,
    decidedAtMs,
    completedBy,
    apiKeyId: KEY_ID,
    decision,
    evidence: recordedEvidence ?? evidence,
  });
  return id;
}

interface ChangeFields {
  readonly id?: string;
  readonly stage: string;
  readonly endedAt?: Date;
  readonly facilitatorKey?: string | null;
  readonly claimedBy?: string;
  readonly claimUntil?: Date;
  readonly heldFor?: string;
}

async function insertChange({ id = randomUUID(), ...fields }: ChangeFields) {
  const customerId = await insertCustomer(database.prisma);
  const opened = new Date(NOW_MS - 2 * DAY_MS);
  const isUnit = fields.facilitatorKey === undefined || fields.facilitatorKey === null;
  return database.prisma.planChange.create({
    data: {
      id,
      customerId,
      openedAt: opened,
      waitingSince: opened,
      openedBy: KEY_ID,
      planId: 'H4513-052-000',
      channel: channelOf(fields.facilitatorKey ?? null),
      route: isUnit ? 'unit' : 'external-agent',
      ...fields,
    },
  });
}

const channelOf = (facilitatorKey: string | null): string => {
  if (facilitatorKey === null) return 'plan-change-line';
  return facilitatorKey.startsWith('S') ? 'field-agent' : 'external-agent-application';
};

/** The customer's number is not known beforehand. */
async function explained(id: string): Promise<string> {
  const { code, out, err } = await run(['explain', id]);
  expect({ code, err }).toEqual({ code: 0, err: '' });
  const { customerId } = await database.prisma.planChange.findUniqueOrThrow({ where: { id } });
  for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(100);
  expect(out).not.toMatch(/Olive|Original|Otto|Other\b|Rita|Fay|Harold|Jennings|undefined|null/);
  return out.replaceAll(id, 'CHANGE').replaceAll(customerId, 'CUSTOMER');
}

/** The sections of a form behind the first `skipped`. */
const behind = (form: string, skipped: number): string => form.split('\n\n').slice(skipped).join('\n\n');

describe('explain', () => {
  beforeAll(open);
  afterAll(drop);

  it('aor explain says why an agent of record stayed', async () => {
    const id = await insertDecision();

    expect(await explained(id)).toBe(`Decision on the agent of record
  Plan change         CHANGE
  Customer            CUSTOMER
  How it came         a call to the Dedicated Plan Change line, 1-855-649-5105
  Handed over         no internal agent handed it over
  Completed           2026-11-21 12:30:15 UTC; the unit's calendar day was 2026-11-21
  Completed by        staff number S-17
  With API key        ${KEY_ID}
  New plan            H4513-052-000, counts from 2027-01-01 on

Agent of record before the change, as they stood on 2026-11-21
  Agent number        A-1001
  Active              yes
  Licensed in TX      yes
  Appointed           yes
  Certified for 2027  yes

Who facilitated the change
  Facilitator         nobody from outside: the Dedicated Plan Change unit completed it

What the rule says
  Agent of record     stays: agent number A-1001
  Because             The Dedicated Plan Change unit completed the change, and the agent of record
                      was eligible that day: active, licensed, appointed and certified.
  Renewal commission  of agent number A-1001 goes on
  Rule                version 2; recorded as retained, unit-completed
`);
  });

  it('aor explain says who took over and what the previous agent lacked', async () => {
    const id = await insertDecision({
      evidence: {
        channel: 'external-agent-application',
        original: original({ licensed: false, certified: false }),
        facilitator: other(),
      },
      completedBy: null,
      facilitatorKey: 'B2002',
    });

    const form = await explained(id);

    expect(form).toContain(`
  How it came         an application that another external agent sent in
`);
    expect(form).toContain(`
  Completed by        a system, no member of staff
  With API key        ${KEY_ID}
`);
    expect(behind(form, 1)).toBe(`Agent of record before the change, as they stood on 2026-11-21
  Agent number        A-1001
  Active              yes
  Licensed in TX      no
  Appointed           yes
  Certified for 2027  no

Who facilitated the change, as they stood on 2026-11-21
  Agent number        B-2002
  Active              yes
  Licensed in TX      yes
  Appointed           yes
  Certified for 2027  yes

What the rule says
  Agent of record     passes to agent number B-2002 from 2027-01-01 on
  Because             Another external agent sent in the application and so earned the customer, and
                      was eligible that day: active, licensed, appointed and certified.
  Renewal commission  of agent number A-1001 does not go on from 2027-01-01
  Rule                version 2; recorded as transferred, external-agent-facilitated
`);
  });

  it('aor explain says why nobody is agent of record any more after an internal agent handed the change over', async () => {
    const id = await insertDecision({
      evidence: { channel: 'field-agent', referred: true, original: original({ certified: false }) },
      facilitatorKey: 'S90',
    });

    const form = await explained(id);

    expect(form).toContain(`
  How it came         an internal field agent, whom the customer reached
  Handed over         yes, by the internal agent with staff number S-90, to the Dedicated Plan
                      Change unit
`);
    expect(behind(form, 2)).toBe(`Who facilitated the change
  Facilitator         nobody from outside: the Dedicated Plan Change unit completed it

What the rule says
  Agent of record     nobody from 2027-01-01 on
  Because             The agent of record was not certified for the plan year that day and so was
                      not protected, and nobody else earned the customer.
  Renewal commission  of agent number A-1001 does not go on from 2027-01-01
  Rule                version 2; recorded as ended, agent-not-certified
`);
  });

  it('aor explain says that there was no agent of record and which internal agent completed the change', async () => {
    const id = await insertDecision({
      evidence: { channel: 'field-agent', original: null },
      completedBy: 'S90',
      facilitatorKey: 'S90',
    });

    const form = await explained(id);

    expect(form).toContain('\n  Completed by        staff number S-90\n');
    expect(behind(form, 1)).toBe(`Agent of record before the change, as they stood on 2026-11-21
  Agent number        none: the customer had no agent of record

Who facilitated the change
  Facilitator         nobody from outside: the internal agent with staff number S-90 completed it

What the rule says
  Agent of record     nobody, as before
  Because             The customer had no agent of record, and nobody earned the customer by this
                      change.
  Renewal commission  does not arise: nobody was agent of record before the change
  Rule                version 2; recorded as none, no-agent-of-record
`);
  });

  it.each([
    [{ channel: 'own-agent-application' as const }, 'The agent of record sent in the application, and was'],
    [
      { channel: 'external-call-center' as const },
      'The call center that facilitated the change works under the',
    ],
  ])(
    'aor explain names the agent once who is both agent of record and facilitator: %j',
    async ({ channel }, because) => {
      const id = await insertDecision({
        evidence: { channel, facilitator: original() },
        facilitatorKey: 'A1001',
      });

      const form = await explained(id);

      expect(form).toContain('\n  Facilitator         agent number A-1001, the same agent\n');
      expect(form).toContain(`\n  Because             ${because}`);
      expect(form).toContain('\n  Renewal commission  of agent number A-1001 goes on\n');
    },
  );

  it('aor explain shows the lines of the rosters that a decision came from', async () => {
    const records = {
      terminatedOn: null,
      principalTerminatedOn: '2026-11-20',
      licences: [
        { state: 'TX', from: '2020-01-01', to: '2025-12-31' },
        { state: 'TX', from: '2026-01-01', to: '2026-12-31' },
      ],
      appointments: [
        { from: '2019-01-01', to: '2020-12-31' },
        { from: '2026-12-01', to: null },
      ],
      certifications: [],
    };
    const id = await insertDecision({
      evidence: {
        original: {
          ...original({ active: false, appointed: false, certified: false }),
          records,
        },
        facilitator: { ...other(), records: { ...records, principalTerminatedOn: null } },
        channel: 'external-agent-application',
      },
      facilitatorKey: 'B2002',
    });

    const form = await explained(id);

    expect(form).toContain(`
  Agent number        A-1001
  Active              no (last day of the principal 2026-11-20)
  Licensed in TX      yes (from 2026-01-01 to 2026-12-31)
  Appointed           no (from 2019-01-01 to 2020-12-31; from 2026-12-01)
  Certified for 2027  no (none on record)
`);
    expect(form).toContain(`
  Agent number        B-2002
  Active              yes (no last day)
`);
  });

  it('aor explain shows the key of an agent who is no longer on any roster', async () => {
    const gone = { agentKey: 'Z9', standing: all };
    const id = await insertDecision({
      evidence: { channel: 'external-call-center', facilitator: gone },
      facilitatorKey: 'Z9',
    });

    expect(await explained(id)).toContain(
      '  Agent of record     passes to agent number Z9 from 2027-01-01 on\n',
    );
  });

  it.each<[ChangeFields, string]>([
    [
      { stage: 'queued' },
      'It waits for a representative of the Dedicated Plan Change unit. Nothing is decided yet.',
    ],
    [
      { stage: 'claimed', claimedBy: 'S17', claimUntil: new Date(NOW_MS + 1) },
      'It is with a representative of the Dedicated Plan Change unit. Nothing is decided yet.',
    ],
    [
      { stage: 'claimed', claimedBy: 'S17', claimUntil: new Date(NOW_MS) },
      'It waits for a representative of the Dedicated Plan Change unit. Nothing is decided yet.',
    ],
    [
      { stage: 'with-facilitator', facilitatorKey: 'B2002' },
      'It is with the agent or call center who completes it. Nothing is decided yet.',
    ],
    [
      { stage: 'held', facilitatorKey: 'B2002', heldFor: 'not-licensed' },
      "It is held, because who facilitates it was not licensed in the customer's state. Nothing is decided yet.",
    ],
    [
      { stage: 'withdrawn', endedAt: new Date(NOW_MS) },
      'It was withdrawn. Nothing was decided, and the agent of record is who it was.',
    ],
    [
      { stage: 'abandoned', endedAt: new Date(NOW_MS) },
      'It was abandoned: nobody completed it. Nothing was decided, and the agent of record is who it was.',
    ],
  ])('aor explain shows the stage of a change without a decision: %j', async (fields, stage) => {
    const { id } = await insertChange(fields);

    const form = await explained(id);

    expect(form.replaceAll(/\n {15}/g, ' ')).toBe(`No decision on the agent of record
  Plan change  CHANGE
  Customer     CUSTOMER
  Stage        ${stage}
`);
  });

  it('aor explain reports an unknown plan change', async () => {
    const id = randomUUID();

    expect(await run(['explain', id])).toEqual({
      code: 1,
      out: '',
      err: `There is no plan change ${id}.\n`,
    });
  });

  it('aor explain reports an unknown customer', async () => {
    expect(await run(['explain', 'x'])).toEqual({ code: 1, out: '', err: 'There is no customer "x".\n' });
  });

  it('aor explain reports evidence that it cannot read', async () => {
    const id = await insertDecision({ recordedEvidence: { channel: 'fax', original: original() } });

    expect(await run(['explain', id])).toEqual({
      code: 1,
      out: '',
      err: `The evidence of plan change ${id} is on record in a form that this version cannot read.\n`,
    });
  });
});

describe('replay', () => {
  beforeEach(open);
  afterEach(drop);

  const SINCE = ['replay', '--since', '2026-11-20'];
  const SINCE_MS = Date.UTC(2026, 10, 20);

  /** The summary without the times that nobody knows beforehand. */
  const untimed = (text: string): string => text.replace(/; \d+\.\d s, \d+ a second\.\n$/, '');

  it('aor replay reports no differences when every decision stands', async () => {
    await insertDecision();
    await insertDecision({ evidence: { original: null } });
    await insertDecision({ evidence: { original: original({ appointed: false }) } });
    await insertDecision({
      evidence: { channel: 'external-call-center', facilitator: other() },
      facilitatorKey: 'B2002',
    });

    const { code, out, err } = await run(SINCE);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).toMatch(/; \d+\.\d s, \d+ a second\.\n$/);
    expect(untimed(out)).toBe(
      'Decisions since 2026-11-20 00:00 UTC: 4 evaluated with version 2 of the rule, 0 differ',
    );
  });

  it('aor replay lists the decisions that today’s rule makes differently or no longer makes, oldest first', async () => {
    const byOther = {
      evidence: { channel: 'external-agent-application' as const, facilitator: other() },
      completedBy: null,
      facilitatorKey: 'B2002',
    };
    const notLicensed = {
      channel: 'external-agent-application',
      referred: false,
      original: null,
      facilitator: other({ licensed: false }),
    };
    const ids = await inTurn([
      // The commission is a fact of its own: it was recorded as the rule says.
      { recorded: { outcome: 'ended', reason: 'agent-terminated', agentKey: null, ruleVersion: 0 } },
      {},
      { ...byOther, recorded: { outcome: 'retained', reason: 'own-agent-applied', agentKey: 'A1001' } },
      { recorded: { commissionContinues: false } },
      { evidence: { original: original({ active: false }) }, recorded: { reason: 'agent-not-certified' } },
      { ...byOther, recordedEvidence: notLicensed },
      { ...byOther, recordedEvidence: { ...notLicensed, facilitator: null } },
      { recordedEvidence: { channel: 'fax', original: original() } },
    ]);

    const { code, out, err } = await run(SINCE);

    expect(code).toBe(1);
    const kept = 'retained, unit-completed, agent A-1001, commission goes on, rule 2';
    const passed = 'transferred, external-agent-facilitated, agent B-2002, commission ends, rule 2';
    const [first, , third, fourth, fifth, sixth, seventh, eighth] = ids;
    expect(out.trimEnd().split('\n')).toEqual([
      `${first} stands: ended, agent-terminated, nobody, commission goes on, rule 0; now: ${kept}`,
      `${third} stands: retained, own-agent-applied, agent A-1001, commission ends, rule 2; now: ${passed}`,
      `${fourth} stands: retained, unit-completed, agent A-1001, commission ends, rule 2; now: ${kept}`,
      `${fifth} stands: ended, agent-not-certified, nobody, commission ends, rule 2; now: ended, agent-terminated, nobody, commission ends, rule 2`,
      `${sixth} stands: ${passed}; now: nothing, held: the facilitator is not-licensed`,
      `${seventh} stands: ${passed}; now: nothing: the facilitator does not fit the channel`,
      `${eighth} stands: ${kept}; now: nothing: the evidence cannot be read`,
    ]);
    expect(untimed(err)).toBe(
      'Decisions since 2026-11-20 00:00 UTC: 8 evaluated with version 2 of the rule, 7 differ',
    );
  });

  it('aor replay does not count an older rule version as a difference', async () => {
    await insertDecision({ recorded: { ruleVersion: 0 } });

    expect((await run(SINCE)).code).toBe(0);
  });

  it('aor replay starts at 00:00 UTC of the given day', async () => {
    await insertDecision({ decidedAtMs: SINCE_MS - 1, recorded: { commissionContinues: false } });
    await insertDecision({ decidedAtMs: SINCE_MS });

    const { code, out } = await run(SINCE);

    expect(code).toBe(0);
    expect(out).toContain(' 1 evaluated ');
  });

  it.each([1, 2, 3, 5, 6])(
    'aor replay evaluates every decision once and in order in pages of %i, even with equal times',
    async (pageSize) => {
      const recorded = { commissionContinues: false };
      const atMs = [0, 1, 1, 1, 2].map((ms) => SINCE_MS + ms);
      const ids: string[] = [];
      for (const decidedAtMs of atMs) ids.push(await insertDecision({ decidedAtMs, recorded }));

      const { out, err } = await run(SINCE, { pageSize });

      expect(out.match(/^\S+/gm)).toEqual([ids[0], ...ids.slice(1, 4).toSorted(), ids[4]]);
      expect(err).toContain(' 5 evaluated with version 2 of the rule, 5 differ');
    },
  );

  it('aor replay succeeds when nothing was decided since the given day', async () => {
    const { code, out } = await run(['replay', '--since', '2026-11-22']);

    expect(code).toBe(0);
    expect(untimed(out)).toBe(
      'Decisions since 2026-11-22 00:00 UTC: 0 evaluated with version 2 of the rule, 0 differ',
    );
  });

  /** Decisions one minute after the other. */
  async function inTurn(decisions: readonly DecisionFields[]): Promise<string[]> {
    const ids: string[] = [];
    for (const [index, fields] of decisions.entries())
      ids.push(await insertDecision({ decidedAtMs: SINCE_MS + index * 60_000, ...fields }));
    return ids;
  }
});

describe('command line', () => {
  const nowhere = 'postgresql://127.0.0.1:1/nothing';

  it.each([
    [[], /^Usage:\n {2}npm run aor -- explain/],
    [['decide'], /^Usage/],
    [['explain'], /^Usage/],
    [['explain', randomUUID(), randomUUID()], /^Usage/],
    [['explain', randomUUID(), '--since', '2026-11-20'], /^Usage/],
    [['replay'], /^Usage/],
    [['replay', '2026-11-20'], /^Usage/],
    [['replay', 'x', '--since', '2026-11-20'], /^Usage/],
    [['replay', '--since'], /argument missing[\s\S]*Usage/],
    [['replay', '--since', ''], /^"" is not a day\.\nUsage/],
    [['replay', '--since', '20.11.2026'], /^"20\.11\.2026" is not a day\.\nUsage/],
    [['replay', '--since', '2026-02-29'], /^"2026-02-29" is not a day\.\nUsage/],
    [['replay', '--since', '2026-11-20T00:00:00Z'], /is not a day/],
    [['replay', '--until', '2026-11-20'], /^Unknown option '--until'[\s\S]*Usage/],
    [['replay', '--since', '2026-11-23'], /^2026-11-23, 00:00 UTC, is still to come/],
    [['review'], /^Usage/],
    [['review', 'x', '--since', '2026-11-20'], /^Usage/],
    [['review', '--since', '2026-02-29'], /^"2026-02-29" is not a day\.\nUsage/],
    [['review', '--since', '2026-11-23'], /^2026-11-23, 00:00 UTC, is still to come/],
    [['verify', 'x'], /^Usage/],
    [['verify', '--since', '2026-11-20'], /^Usage/],
  ])('The aor command explains wrong arguments: %j', async (args, message) => {
    expect(await run(args, { databaseUrl: nowhere })).toEqual({
      code: 1,
      out: '',
      err: expect.stringMatching(message),
    });
  });

  it('The aor command reports a database that it cannot reach', async () => {
    expect(await run(['replay', '--since', '2026-11-20'], { databaseUrl: nowhere })).toEqual({
      code: 1,
      out: '',
      err: 'The database of DATABASE_URL cannot be reached, and nothing was changed.\n',
    });
  });
});
