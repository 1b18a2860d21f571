/** Every email in every state it can be in, with invented content: for pictures, checks and fixtures. */
import type { EmailTemplates } from '../../ports/email-templates';
import type { Recipient, WrittenEmail } from '../../ports/mail';
import { STANDING_DEFECTS } from '../../domain/plan-change/agent-standing';
import { REVERSAL_REASONS } from '../../domain/plan-change/corrections';
import type { Language, Portal, PortalPolicies } from '../../domain/portal';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../domain/time';
import { REASONS } from './templates/plan-change-views';

export interface SampleEmail {
  readonly kind: keyof EmailTemplates;
  /** What is special about it: `late`, `ended`. */
  readonly state: string;
  write(language: Language): WrittenEmail;
}

/** 3:27 PM in New York, on a Sunday in winter. */
const AT = Date.UTC(2026, 10, 22, 20, 27);
/** 1:27 PM: some languages have another article for one o’clock. */
const AT_ONE = AT - 2 * HOUR_MS;
const EFFECTIVE_ON = '2027-01-01';
const CUSTOMER = 'C-20417';
const CHANGE = '0b5f6f0e-6c1b-4a53-9d6f-2f1f0c6a7e11';
const PLAN = 'Golden Choice (HMO)';
const LAST_MONTH = { from: '2027-01-01', to: '2027-01-31' };
const SINCE_FEBRUARY = { from: '2027-02-01', to: null };

const CAUSES = [...REVERSAL_REASONS, 'determined-again'] as const;

const keysOf = <Key extends string>(table: Readonly<Partial<Record<Key, true>>>): readonly Key[] =>
  Object.keys(table) as Key[];

export function sampleEmails(templates: EmailTemplates, policies: PortalPolicies): readonly SampleEmail[] {
  const { digits = 4, validForMinutes = 90 } = policies.member.pin ?? {};
  const pinLifeMs = validForMinutes * MINUTE_MS;
  const codeDigits = policies.member.twoStep?.digits ?? 6;
  const codeLifeMs = (policies.member.twoStep?.validForMinutes ?? 10) * MINUTE_MS;
  const to = (language: Language, portal: Portal = 'member', firstName = 'María'): Recipient => ({
    accountId: 'account-1',
    portal,
    email: 'maria.silva@example.com',
    firstName,
    username: 'msilva77',
    language,
  });
  const sample = <Kind extends keyof EmailTemplates>(
    kind: Kind,
    state: string,
    content: (language: Language) => Parameters<EmailTemplates[Kind]>[0],
  ): SampleEmail => ({
    kind,
    state,
    // The content belongs to the kind, which TypeScript does not follow through the table of templates.
    write: (language) =>
      (templates[kind] as (of: unknown) => ReturnType<SampleEmail['write']>)(content(language)),
  });
  const pin = (state: string, leftMs: number, expiresAtMs = AT, portal: Portal = 'member') =>
    sample('pin', state, (language) => ({
      recipient: to(language, portal),
      pin: '078523694'.slice(0, digits),
      madeAtMs: expiresAtMs - pinLifeMs,
      expiresAtMs,
      nowMs: expiresAtMs - leftMs,
    }));
  const reminder = (state: string, leftMs: number, portal: Portal, expiresAtMs = AT) =>
    sample('passwordReminder', state, (language) => ({
      recipient: to(language, portal),
      timeZone: policies[portal].timeZone,
      expiresAtMs,
      nowMs: expiresAtMs - leftMs,
    }));

  return [
    pin('prompt', pinLifeMs),
    pin('prompt, until one o’clock', pinLifeMs, AT_ONE),
    pin('late', 37 * MINUTE_MS),
    pin('late, one minute left', MINUTE_MS, AT_ONE),
    pin('late, less than a minute left', 30_000),
    pin('of a broker', pinLifeMs, AT, 'broker'),
    ...(['sign-in', 'turn-on'] as const).flatMap((purpose) =>
      [codeLifeMs, 3 * MINUTE_MS, MINUTE_MS, 30_000].map((leftMs) =>
        sample('signInCode', `${purpose}, ${leftMs / 1000} seconds left`, (language) => ({
          recipient: to(language),
          purpose,
          code: '078523694'.slice(0, codeDigits),
          madeAtMs: AT - codeLifeMs,
          expiresAtMs: AT,
          nowMs: AT - leftMs,
        })),
      ),
    ),
    ...[true, false].map((isOn) =>
      sample('twoStepChanged', isOn ? 'on' : 'off', (language) => ({
        recipient: to(language),
        isOn,
        changedAtMs: isOn ? AT : AT_ONE,
      })),
    ),
    ...(['member', 'broker'] as const).map((portal) =>
      sample('passwordChanged', portal, (language) => ({ recipient: to(language, portal), changedAtMs: AT })),
    ),
    sample('passwordChanged', 'at one o’clock, without a name', (language) => ({
      recipient: to(language, 'member', ''),
      changedAtMs: AT_ONE,
    })),
    ...[AT, AT_ONE].flatMap((at) => {
      const when = at === AT ? 'in the afternoon' : 'at one o’clock';
      return [
        sample('usernameReminded', when, (language) => ({
          recipient: to(language, 'broker'),
          remindedAtMs: at,
        })),
        sample('recoveryLimitReached', when, (language) => ({ recipient: to(language), reachedAtMs: at })),
        sample('accountRegistered', when, (language) => ({
          recipient: to(language, 'broker'),
          agentNumber: 'AB-123',
          registeredAtMs: at,
        })),
        sample('addressChanged', when, (language) => ({ recipient: to(language), changedAtMs: at })),
        sample('invitation', when, (language) => ({
          recipient: to(language, 'broker'),
          code: 'T2345-6789-BCDF-GHJK',
          expiresAtMs: at,
        })),
        ...[false, true].flatMap((again) => [
          sample('planChangeWaiting', `${again ? 'overdue' : 'late'}, ${when}`, (language) => ({
            recipient: to(language, 'broker', ''),
            planChangeId: CHANGE,
            waitingSinceMs: at,
            overdue: again,
          })),
          ...STANDING_DEFECTS.map((heldFor) =>
            sample('planChangeHeld', `${again ? 'still ' : ''}held, ${heldFor}, ${when}`, (language) => ({
              recipient: to(language, 'broker', ''),
              planChangeId: CHANGE,
              heldSinceMs: at,
              heldFor,
              again,
            })),
          ),
        ]),
      ];
    }),
    reminder('14 days before', 14 * DAY_MS, 'broker'),
    reminder('the day before', DAY_MS, 'broker', AT_ONE),
    reminder('last day', HOUR_MS, 'broker'),
    reminder('of a member', 7 * DAY_MS, 'member'),
    ...(['stays', 'is-new', 'nobody'] as const).map((kind) =>
      sample('planChangeCompleted', `agent of record ${kind}`, (language) => ({
        recipient: to(language),
        planName: PLAN,
        effectiveOn: EFFECTIVE_ON,
        agentOfRecord: kind === 'nobody' ? { kind } : { kind, name: 'Stone Agency, Inc.' },
      })),
    ),
    ...(['kept', 'gained', 'lost'] as const).flatMap((change) =>
      keysOf(REASONS[change]).map((reason) =>
        sample('agentOfRecord', `${change}, ${reason}`, (language) => ({
          recipient: to(language, 'broker', 'Dana'),
          customerId: CUSTOMER,
          change,
          reason,
          effectiveOn: EFFECTIVE_ON,
        })),
      ),
    ),
    ...CAUSES.flatMap((cause) => [
      sample('planChangeCorrected', cause, (language) => ({
        recipient: to(language),
        cause,
        planName: PLAN,
        effectiveOn: EFFECTIVE_ON,
        plans: [
          { name: 'Golden Basic (HMO)', ...LAST_MONTH },
          { name: null, ...SINCE_FEBRUARY },
        ],
        agents: [
          { name: 'Avery Stone', ...LAST_MONTH },
          { name: null, ...SINCE_FEBRUARY },
        ],
      })),
      ...(
        [
          { told: 'lost', now: 'regained', from: EFFECTIVE_ON, days: [LAST_MONTH, SINCE_FEBRUARY] },
          { told: 'gained', now: 'lost', from: EFFECTIVE_ON, days: [] },
          { told: 'kept', now: 'kept', from: null, days: [SINCE_FEBRUARY] },
          { told: null, now: 'gained', from: EFFECTIVE_ON, days: [SINCE_FEBRUARY] },
        ] as const
      ).map((after) =>
        sample('agentOfRecordCorrected', `${cause}, ${after.now}`, (language) => ({
          recipient: to(language, 'broker', 'Dana'),
          customerId: CUSTOMER,
          cause,
          effectiveOn: EFFECTIVE_ON,
          ...after,
        })),
      ),
    ]),
    sample('agentOfRecordCorrected', 'replaced', (language) => ({
      recipient: to(language, 'broker', 'Dana'),
      customerId: CUSTOMER,
      cause: 'replaced',
      effectiveOn: EFFECTIVE_ON,
      told: 'gained',
      now: 'lost',
      from: EFFECTIVE_ON,
      days: [],
    })),
    sample('agentTerminated', 'ended', (language) => ({
      recipient: to(language, 'broker', ''),
      agentNumber: 'AB 123',
      lastDay: '2026-11-21',
      customers: 1,
    })),
  ];
}
