/** The emails about plan changes, each of them with invented content unless a test gives its own. */
import type {
  AgentOfRecordContent,
  AgentOfRecordCorrectedContent,
  PlanChangeCompletedContent,
  PlanChangeCorrectedContent,
  PlanChangeHeldContent,
  PlanChangeWaitingContent,
} from '../../../src/ports/email-templates';
import type { Addressee } from '../../../src/ports/mail';
import { createEmailTemplates } from '../../../src/adapters/mail/templates';
import type { Language } from '../../../src/domain/portal';
import { brand } from '../../support/brand';

const templates = createEmailTemplates(brand);
export const languages: Language[] = ['en', 'es'];
export const planChangeId = '0b5f6f0e-6c1b-4a53-9d6f-2f1f0c6a7e11';
/** 3:27 PM in New York, in winter. */
export const waitingSinceMs = Date.UTC(2026, 10, 22, 20, 27);

const recipient = (language: Language, firstName = 'Dana'): Addressee => ({
  email: 'dana.reed@example.com',
  firstName,
  language,
});

type Fields<Content> = Partial<Content> & { readonly firstName?: string };

export const completed = (
  language: Language,
  { firstName, ...fields }: Fields<PlanChangeCompletedContent> = {},
) =>
  templates.planChangeCompleted({
    recipient: recipient(language, firstName),
    planName: 'Golden Choice (HMO)',
    effectiveOn: '2027-01-01',
    agentOfRecord: { kind: 'stays', name: 'Avery Stone' },
    ...fields,
  });

export const agentOfRecord = (
  language: Language,
  { firstName, ...fields }: Fields<AgentOfRecordContent> = {},
) =>
  templates.agentOfRecord({
    recipient: recipient(language, firstName),
    customerId: 'C-20417',
    change: 'kept',
    reason: 'unit-completed',
    effectiveOn: '2027-01-01',
    ...fields,
  });

export const corrected = (
  language: Language,
  { firstName, ...fields }: Fields<PlanChangeCorrectedContent> = {},
) =>
  templates.planChangeCorrected({
    recipient: recipient(language, firstName),
    cause: 'customer-cancelled',
    planName: 'Golden Choice (HMO)',
    effectiveOn: '2027-01-01',
    plans: [
      { name: 'Golden Basic (HMO)', from: '2027-01-01', to: '2027-01-31' },
      { name: null, from: '2027-02-01', to: null },
    ],
    agents: [
      { name: 'Avery Stone', from: '2027-01-01', to: '2027-01-31' },
      { name: null, from: '2027-02-01', to: null },
    ],
    ...fields,
  });

export const agentCorrected = (
  language: Language,
  { firstName, ...fields }: Fields<AgentOfRecordCorrectedContent> = {},
) =>
  templates.agentOfRecordCorrected({
    recipient: recipient(language, firstName),
    customerId: 'C-20417',
    cause: 'customer-cancelled',
    effectiveOn: '2027-01-01',
    told: 'lost',
    now: 'regained',
    from: '2027-01-01',
    days: [{ from: '2026-01-01', to: null }],
    ...fields,
  });

export const held = (language: Language, { firstName, ...fields }: Fields<PlanChangeHeldContent> = {}) =>
  templates.planChangeHeld({
    recipient: recipient(language, firstName),
    planChangeId,
    heldSinceMs: waitingSinceMs,
    heldFor: 'not-licensed',
    again: false,
    ...fields,
  });

export const waiting = (
  language: Language,
  { firstName, ...fields }: Fields<PlanChangeWaitingContent> = {},
) =>
  templates.planChangeWaiting({
    recipient: recipient(language, firstName),
    planChangeId,
    waitingSinceMs,
    overdue: false,
    ...fields,
  });

type ReasonCase = readonly [
  change: AgentOfRecordContent['change'],
  reason: AgentOfRecordContent['reason'],
  english: string,
  spanish: string,
];

export const reasonCases: readonly ReasonCase[] = [
  [
    'kept',
    'unit-completed',
    'The Dedicated Plan Change unit completed the change.',
    'La unidad exclusiva para cambios de plan completó el cambio.',
  ],
  [
    'kept',
    'internal-agent-completed',
    'One of our internal agents completed the change.',
    'Uno de nuestros agentes internos completó el cambio.',
  ],
  [
    'kept',
    'own-agent-applied',
    'The change was completed with your own application.',
    'El cambio se completó con la solicitud que presentó usted.',
  ],
  [
    'kept',
    'facilitator-not-eligible',
    'According to our records, whoever arranged the change with the customer was not eligible to do so on the day it was completed.',
    'Según nuestros registros, quien gestionó el cambio con el cliente no cumplía los requisitos para hacerlo el día en que se completó.',
  ],
  [
    'gained',
    'external-agent-facilitated',
    'You sent in the application for the new plan.',
    'Usted presentó la solicitud del nuevo plan.',
  ],
  [
    'gained',
    'call-center-facilitated',
    'Your call center arranged the change with the customer.',
    'Su centro de llamadas gestionó el cambio con el cliente.',
  ],
  [
    'lost',
    'external-agent-facilitated',
    'Another external agent sent in the application for the new plan.',
    'Otro agente externo presentó la solicitud del nuevo plan.',
  ],
  [
    'lost',
    'call-center-facilitated',
    'An appointed external call center arranged the change with the customer.',
    'Un centro de llamadas externo, con nombramiento nuestro, gestionó el cambio con el cliente.',
  ],
  [
    'lost',
    'agent-terminated',
    'According to our records, your contract with us had ended by the day the change was completed.',
    'Según nuestros registros, su contrato con nosotros ya había terminado el día en que se completó el cambio.',
  ],
  [
    'lost',
    'agent-not-licensed',
    'According to our records, on the day the change was completed you were not licensed in the state where the customer lives.',
    'Según nuestros registros, el día en que se completó el cambio usted no tenía licencia en el estado donde vive el cliente.',
  ],
  [
    'lost',
    'agent-not-appointed',
    'According to our records, on the day the change was completed you were not appointed with us.',
    'Según nuestros registros, el día en que se completó el cambio usted no tenía nombramiento nuestro.',
  ],
  [
    'lost',
    'agent-not-certified',
    'According to our records, on the day the change was completed you were not certified for the plan year in which the new plan starts.',
    'Según nuestros registros, el día en que se completó el cambio usted no tenía la certificación para el año del plan en que comienza el nuevo plan.',
  ],
];
