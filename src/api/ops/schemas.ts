/** What operators see and do: runs, timelines, emails (docs/operators.md). */
import { z } from 'zod';
import { AOR_CORRECTION_WORKFLOW } from '../../contracts/aor-correction';
import { AUDIT_ACTIONS } from '../../contracts/audit';
import { DELIVER_NOTICE_WORKFLOW, MAIL_KINDS } from '../../contracts/notice';
import { PASSWORD_RESET_WORKFLOW } from '../../contracts/password-reset';
import { PASSWORD_ROTATION_WORKFLOW } from '../../contracts/password-rotation';
import { PLAN_CHANGE_WORKFLOW } from '../../contracts/plan-change';
import { ROTATION_SWEEP_WORKFLOW } from '../../contracts/rotation-sweep';
import { SIGN_IN_WORKFLOW } from '../../contracts/sign-in';
import { RUN_STATUSES } from '../../contracts/run-status';
import { timestamp, typedCursor, typedForm, typedId, typedText } from '../http/fields';
import { PORTALS } from '../../domain/portal';

const RUN_TYPES = [
  PASSWORD_RESET_WORKFLOW,
  DELIVER_NOTICE_WORKFLOW,
  PASSWORD_ROTATION_WORKFLOW,
  ROTATION_SWEEP_WORKFLOW,
  PLAN_CHANGE_WORKFLOW,
  AOR_CORRECTION_WORKFLOW,
  SIGN_IN_WORKFLOW,
] as const;

const EMAIL_STATUSES = ['pending', 'delivered', 'refused', 'outdated'] as const;

/** The form of search attributes and outcomes. */
const word = (example: string) => typedForm(40, '[a-z][a-z-]{0,39}').meta({ example });

// Account ids are in lower case.
const accountId = () => typedId().toLowerCase();
const customerId = () => typedText(64).meta({ example: 'C-500001' });
const workflowId = () =>
  typedForm(200, '[A-Za-z0-9_./:+-]{1,200}').meta({
    example: 'plan-change/0b8a2f6e-2a54-4d2c-9d0f-6a1b7c3d5e90',
  });
const messageId = () =>
  typedForm(121, String.raw`[a-z-]{1,40}\.[A-Za-z0-9.-]{1,80}`).meta({
    example: 'password-changed.0b8a2f6e-2a54-4d2c-9d0f-6a1b7c3d5e90',
  });

const nextCursor = z.string().nullable().meta({ description: 'For the next page; null: this is the last.' });

export const runsQuery = z.strictObject({
  portal: z.enum(PORTALS).optional(),
  stage: word('pin').optional(),
  type: z.enum(RUN_TYPES).optional(),
  account: accountId().optional(),
  // Not every visibility store of Temporal compares quotes and backslashes literally.
  customer: customerId()
    .regex(/^[^'"\\]*$/)
    .optional(),
  outcome: word('completed').optional(),
  // It contains Temporal's own page token, sealed.
  cursor: typedCursor(4000),
});

const runId = z.string();
const status = z.enum(RUN_STATUSES);
const outcome = z.string().nullable().meta({ description: 'How it ended (`TenureOutcome`).' });

export const runs = z
  .object({
    runs: z.array(
      z
        .object({
          workflowId: z.string(),
          runId,
          type: z.string(),
          status,
          startedAt: timestamp(),
          closedAt: timestamp().nullable(),
          portal: z.string().nullable(),
          stage: z.string().nullable(),
          account: z.string().nullable(),
          customer: z.string().nullable(),
          agent: z.string().nullable(),
          route: z.string().nullable(),
          outcome,
        })
        .meta({ id: 'Run' }),
    ),
    nextCursor,
  })
  .meta({ id: 'Runs', description: 'Open runs first, then ended ones, each newest first.' });

export const accountTimelineParams = z.object({ id: accountId() });
export const customerTimelineParams = z.object({ id: customerId() });
export const timelineQuery = z.strictObject({ cursor: typedCursor(300) });

export const timeline = z
  .object({
    entries: z.array(
      z
        .object({
          at: timestamp(),
          kind: z.enum([...AUDIT_ACTIONS, 'email', 'run', 'agent-of-record-decided']),
          text: z.string().meta({ description: 'What happened, as a sentence.' }),
          outcome: z.string().optional().meta({ description: '`success`, or the reason.' }),
          planChangeId: z.uuid().optional(),
          apiKeyId: z.uuid().optional().meta({ description: 'The API key used.' }),
          about: z.string().optional().meta({ description: 'The run or email that an operator acted on.' }),
          reason: z.string().optional().meta({ description: 'Why, as the operator typed it.' }),
          operator: z.string().optional().meta({ description: 'Who ran the command.' }),
          email: z
            .object({
              messageId: z.string(),
              kind: z.enum(MAIL_KINDS),
              status: z.enum(EMAIL_STATUSES),
              attempts: z.int(),
              resends: z.int().meta({ description: 'How often an operator has sent it again.' }),
              smtpCode: z.int().nullable(),
              firstTriedAt: timestamp(),
              validUntil: timestamp(),
            })
            .optional(),
          run: z.object({ workflowId: z.string(), runId, type: z.string(), status, outcome }).optional(),
        })
        .meta({ id: 'TimelineEntry' }),
    ),
    runsListed: z.boolean().meta({
      description: 'Whether the entries include runs: on the first page, unless Temporal is unavailable.',
    }),
    nextCursor,
  })
  .meta({
    id: 'Timeline',
    description: 'Newest first. A run appears at the time it ended or, if open, started.',
  });

export const cancelRunBody = z
  .strictObject({
    workflowId: workflowId(),
    reason: typedText(500).meta({ example: 'The caller gave up.' }),
  })
  .meta({ id: 'CancelRun' });

export const accountParams = z.object({ id: accountId() });

export const recoveryAllowanceBody = z
  .strictObject({
    reason: typedText(500).meta({ example: 'A stranger used the tries up; the owner called.' }),
  })
  .meta({ id: 'RecoveryAllowance' });

export const twoStepOffBody = z
  .strictObject({
    reason: typedText(500).meta({ example: 'The mailbox is gone; the owner called, and proved identity.' }),
  })
  .meta({ id: 'TwoStepOff' });

export const cancelledRun = z
  .object({ workflowId: z.string(), runId })
  .meta({ id: 'CancelledRun', description: 'Cancellation was requested; the run ends shortly.' });

export const emailParams = z.object({ messageId: messageId() });

export const resentEmail = z
  .object({
    messageId: z.string(),
    workflowId: z.string().meta({ description: 'The run that sends it.' }),
  })
  .meta({ id: 'ResentEmail' });
