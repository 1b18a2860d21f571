/** Plan changes and agents of record as staff see them (spec.md 7, http-api.md "Staff"). */
import { z } from 'zod';
import { REVERSAL_REASONS } from '../../domain/plan-change/corrections';
import { STANDING_DEFECTS } from '../../domain/plan-change/agent-standing';
import { HISTORY_CAUSES } from '../../domain/plan-change/history';
import { SHOWN_STAGES } from '../../domain/plan-change/plan-change';
import {
  planChangeRouting,
  type FacilitatorKind,
  type PlanChangeChannel,
  type PlanChangeRoute,
} from '../../domain/plan-change/routing';
import { timestamp, typedCursor, typedDate, typedForm, typedId, typedText, typedTime } from '../http/fields';

type Words<T extends string> = [T, ...T[]];

const CHANNELS = Object.keys(planChangeRouting) as Words<PlanChangeChannel>;
const rows = Object.values(planChangeRouting);
const ROUTES = [...new Set(rows.map(({ route }) => route))] as Words<PlanChangeRoute>;
const FACILITATOR_KINDS = [
  ...new Set(rows.flatMap(({ facilitator }) => facilitator ?? [])),
] as Words<FacilitatorKind>;

const AOR_OUTCOMES = ['retained', 'transferred', 'ended', 'none'] as const;
const AOR_REASONS = [
  'unit-completed',
  'internal-agent-completed',
  'own-agent-applied',
  'facilitator-not-eligible',
  'external-agent-facilitated',
  'call-center-facilitated',
  'agent-terminated',
  'agent-not-licensed',
  'agent-not-appointed',
  'agent-not-certified',
  'no-agent-of-record',
] as const;

const number = (what: string, example: string) =>
  typedForm(40, String.raw`[A-Za-z0-9\s\u2010-\u2015-]+`).meta({
    description: `${what}; letter case, spaces and hyphens make no difference.`,
    example,
  });

const customerId = () => typedText(64).meta({ example: 'C-500001' });
const day = (description: string) =>
  typedDate()
    .refine((text) => text >= '1900', { params: { code: 'wrong_format' } })
    .meta({ description, example: '2027-01-01' });
const planId = () =>
  typedForm(40, String.raw`[A-Z]\d{4}-\d{3}-\d{3}`).meta({
    description: 'Contract, plan and segment.',
    example: 'H4513-052-000',
  });

const facilitator = z
  .strictObject({
    kind: z.enum(FACILITATOR_KINDS),
    number: number('Agent number, or an internal agent’s staff number', '20418'),
  })
  .meta({ id: 'Facilitator', description: 'Who completes the change, if not the unit.' });

export const intakeBody = z
  .strictObject({
    customerId: customerId(),
    channel: z
      .enum(CHANNELS)
      .meta({ description: 'How the customer came in; it decides who completes the change.' }),
    planId: planId().optional(),
    effectiveDate: day('From when on the new plan is to count.').optional(),
    facilitator: facilitator.optional(),
  })
  .meta({ id: 'NewPlanChange' });

export const facilitatorBody = z.strictObject({ facilitator }).meta({ id: 'ReplaceFacilitator' });

export const completionBody = z
  .strictObject({
    planId: planId(),
    effectiveDate: day(
      'The first of a month, from today to the end of next year; or as it was asked for at intake, where it was possible then.',
    ),
  })
  .meta({ id: 'CompletePlanChange' });

export const withdrawalBody = z
  .strictObject({ reason: typedText(500).meta({ example: 'The customer changed their mind.' }) })
  .meta({ id: 'WithdrawPlanChange' });

const note = () =>
  typedText(500).meta({
    description: 'For the record; nobody is emailed it.',
    example: 'CMS reject code 042.',
  });

export const reversalBody = z
  .strictObject({ reason: z.enum(REVERSAL_REASONS), note: note().optional() })
  .meta({ id: 'ReversePlanChange' });

export const redeterminationBody = z.strictObject({ note: note() }).meta({ id: 'RedetermineAgentOfRecord' });

export const planChangeParams = z.object({
  // Run ids are in lower case; the database accepts either.
  id: typedId().toLowerCase().meta({ description: 'The id of the plan change.' }),
});
export const customerParams = z.object({ id: customerId() });
export const agentParams = z.object({ agentNumber: number('Agent number', '20417') });

const cursor = typedCursor(200);

export const planChangesQuery = z.strictObject({
  stage: z.enum(SHOWN_STAGES).optional(),
  route: z.enum(ROUTES).optional(),
  cursor,
});
export const reviewsQuery = z.strictObject({
  since: day('Decisions made at 00:00 UTC of that day or later.'),
  cursor,
});
export const agentOfRecordQuery = z.strictObject({
  on: day('Who was agent of record then; today where the unit works, unless told.').optional(),
  knownAt: typedTime()
    .refine((text) => text >= '1900', { params: { code: 'wrong_format' } })
    .optional()
    .meta({
      description:
        'As it was known then, with time zone; now, unless told. What was corrected later shows as it was.',
      example: '2026-12-15T09:00:00-05:00',
    }),
});
export const customersQuery = agentOfRecordQuery.extend({ cursor });
export const commissionsQuery = z.strictObject({
  month: typedForm(7, String.raw`(?:19|[2-9]\d)\d{2}-(?:0[1-9]|1[0-2])`).meta({
    description: 'This month, where the unit works, or an earlier one.',
    example: '2027-01',
  }),
  format: z
    .enum(['json', 'csv'])
    .optional()
    .meta({ description: '`json` unless told. `csv`: all that follows in one file, without pages.' }),
  cursor,
});

const decided = {
  outcome: z.enum(AOR_OUTCOMES),
  agentNumber: z
    .string()
    .nullable()
    .meta({ description: 'The agent of record from then on; null if there is none.' }),
  reason: z.enum(AOR_REASONS),
  commissionContinues: z
    .boolean()
    .meta({ description: 'Whether the previous agent’s renewal commission continues.' }),
};

export const planChange = z
  .object({
    id: z.uuid(),
    customerId: z.string(),
    channel: z.enum(CHANNELS),
    route: z.enum(ROUTES).meta({ description: 'Who completes it.' }),
    stage: z.enum(SHOWN_STAGES),
    facilitator: z.object({ kind: z.enum(FACILITATOR_KINDS), number: z.string() }).nullable(),
    planId: z.string().nullable(),
    effectiveDate: z.iso.date().nullable(),
    openedAt: timestamp(),
    waitingSince: timestamp().meta({
      description: 'Since when it has been on this route; the queue’s order.',
    }),
    ageSeconds: z.int().meta({ description: 'How long it has been, or was, open.' }),
    claimedBy: z
      .string()
      .nullable()
      .meta({ description: 'Staff number of the representative who claimed or completed it.' }),
    claimUntil: timestamp().nullable(),
    heldFor: z.enum(STANDING_DEFECTS).nullable().meta({ description: 'What the facilitator lacks.' }),
    endedAt: timestamp().nullable(),
    withdrawnFor: z.string().nullable(),
    supersededBy: z.uuid().nullable().meta({
      description: 'The plan change for the same effective date that took the place of this completed one.',
    }),
    agentOfRecord: z.object(decided).nullable().meta({ description: 'What was decided at completion.' }),
  })
  .meta({ id: 'PlanChange' });

const nextCursor = z.string().nullable().meta({ description: 'For the next page; null: this is the last.' });

export const planChanges = z
  .object({ planChanges: z.array(planChange), nextCursor })
  .meta({ id: 'PlanChanges', description: 'Ordered by `waitingSince`, oldest first.' });

const lastDay = () => z.iso.date().nullable().meta({ description: 'The last day; null if there is none.' });
const period = { from: z.iso.date(), to: lastDay() };

const agentRecords = z.object({
  terminatedOn: lastDay(),
  principalTerminatedOn: lastDay().meta({ description: 'Of a corporation’s principal.' }),
  licences: z.array(z.object({ state: z.string(), ...period })),
  appointments: z.array(z.object(period)),
  certifications: z.array(z.object({ planYear: z.int(), ...period })),
});

const evidenceOfAgent = z
  .object({
    agentNumber: z.string(),
    active: z.boolean(),
    licensed: z.boolean(),
    appointed: z.boolean(),
    certified: z.boolean(),
    records: agentRecords.nullable().meta({
      description:
        'What the rosters told then, for that state and plan year; null: the decision is older than this record.',
    }),
  })
  .nullable();

const decision = z
  .object({
    planChangeId: z.uuid(),
    decidedAt: timestamp(),
    effectiveDate: z.iso.date(),
    ...decided,
    ruleVersion: z.int(),
    wasMadeAgain: z.boolean().meta({
      description:
        'Whether the change was decided again later, because this or another change was corrected: that decision counts.',
    }),
    isReversed: z.boolean().meta({ description: 'Whether the change was taken back since.' }),
    supersededBy: z.uuid().nullable().meta({
      description: 'The plan change for the same effective date that took the place of this one since.',
    }),
    evidence: z
      .object({
        channel: z.enum(CHANNELS),
        referred: z.boolean().meta({ description: 'Whether an internal agent referred it to the unit.' }),
        onePerson: z.boolean().meta({
          description:
            'Whether facilitator and agent of record are one person, maybe under two agent numbers.',
        }),
        day: z.iso.date().meta({ description: 'The day of completion; standing is as of that day.' }),
        state: z.string().meta({ description: 'The customer’s state, where a licence is required.' }),
        planYear: z.int().meta({ description: 'The plan year that an agent must be certified for.' }),
        original: evidenceOfAgent,
        facilitator: evidenceOfAgent,
      })
      .meta({ description: 'The evidence for the decision.' }),
  })
  .meta({ id: 'AgentOfRecordDecision' });

export const customersAgent = z
  .object({
    customerId: z.string(),
    on: z.iso.date(),
    knownAt: timestamp(),
    agentOfRecord: z
      .object({ agentNumber: z.string(), since: z.iso.date() })
      .nullable()
      .meta({ description: 'Null: there was none that day.' }),
    history: z.array(
      z.object({
        agentNumber: z.string().nullable(),
        from: z.iso.date(),
        to: z.iso.date().nullable().meta({ description: 'The last day; null if there is none.' }),
        knownFrom: timestamp().meta({ description: 'Since when it has been known with these dates.' }),
      }),
    ),
    decisions: z.array(decision),
  })
  .meta({
    id: 'CustomersAgentOfRecord',
    description:
      'The history as it was known at `knownAt`; and all decisions, in the order in which they were made.',
  });

export const agentsCustomers = z
  .object({
    agentNumber: z.string(),
    on: z.iso.date(),
    knownAt: timestamp(),
    customers: z.array(
      z.object({ customerId: z.string(), since: z.iso.date(), planId: z.string().nullable() }),
    ),
    nextCursor,
  })
  .meta({
    id: 'AgentsCustomers',
    description:
      'The customers whose agent of record they are on that day, as it was known at `knownAt`; longest first.',
  });

const commissionDays = {
  customerId: z.string(),
  planId: z.string().nullable(),
  from: z.iso.date(),
  to: z.iso.date().meta({ description: 'The last day.' }),
};

const correctedDays = z.array(
  z.object({
    ...commissionDays,
    cause: z.enum(HISTORY_CAUSES).meta({
      description:
        'What changed the answer. `plan-change`: one completed after its effective date, or in the place of an earlier one. ' +
        '`roster`: the import that brought the customer.',
    }),
    planChangeId: z.uuid().nullable().meta({ description: 'The change that was completed or corrected.' }),
    correctionId: z.uuid().nullable().meta({ description: 'Of a reversal or redetermination.' }),
    reason: z.enum(REVERSAL_REASONS).nullable().meta({ description: 'Of a reversal.' }),
    knownFrom: timestamp(),
  }),
);

export const commissionStatement = z
  .object({
    agentNumber: z.string(),
    month: z.string().meta({ example: '2027-01' }),
    isFinal: z.boolean().meta({
      description: 'True from a day after the month’s end on: the statement does not change any more.',
    }),
    owed: z
      .array(
        z.object({
          ...commissionDays,
          planChangeId: z
            .uuid()
            .nullable()
            .meta({ description: 'The change that the enrolment comes from; null: the roster.' }),
        }),
      )
      .meta({ description: 'Days of the month, as known at its end, or now.' }),
    takenBack: correctedDays.meta({
      description: 'Days of earlier months that are not owed after all, as became known during the month.',
    }),
    addedLater: correctedDays.meta({
      description: 'Days of earlier months that are owed after all, as became known during the month.',
    }),
    nextCursor,
  })
  .meta({
    id: 'CommissionStatement',
    description:
      'For which days of which customers commission is owed, in the order of customers; amounts are not kept here. A page is of ' +
      '100 customers, past and present: it may list none and still have a next page.',
  });

export const aorReviews = z
  .object({
    reviews: z.array(
      z.object({
        planChangeId: z.uuid(),
        customerId: z.string(),
        decidedAt: timestamp(),
        effectiveDate: z.iso.date(),
        differences: z.array(z.string()).meta({
          description: 'In words.',
          example: ['agent 20417: certified for 2027: was no, is yes (from 2026-10-01)'],
        }),
        ...decided,
        outcomeDiffers: z.boolean().meta({
          description: 'Whether a redetermination would give another outcome, agent of record or commission.',
        }),
        redetermined: z
          .object(decided)
          .nullable()
          .meta({ description: 'What a redetermination would decide; null: the evidence cannot be read.' }),
      }),
    ),
    nextCursor,
  })
  .meta({
    id: 'AgentOfRecordReviews',
    description:
      'Decisions that would have other evidence with what the rosters tell now, oldest first; reversed, superseded and earlier ' +
      'ones do not count. A page is of 1,000 decisions reviewed: it may list none and still have a next page.',
  });
