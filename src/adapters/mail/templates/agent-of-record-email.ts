import type { AgentOfRecordContent } from '../../../ports/email-templates';
import type { AorDecision } from '../../../domain/plan-change/agent-of-record';
import type { Language } from '../../../domain/portal';
import { helpPhone, type LetterRules } from './common-texts';
import type { Block, RenderedEmail } from './layout';
import { letterOfUnit } from './letter-to';
import { calendarDate } from './local-time';

type ReasonFor<Outcome extends AorDecision['outcome']> = Extract<
  AorDecision,
  { readonly outcome: Outcome }
>['reason'];

interface ChangeTexts<Reason extends AorDecision['reason']> {
  readonly subject: string;
  readonly title: string;
  agentOfRecord(date: string): string;
  /** The published reasons that can lead to this. */
  readonly reasons: Readonly<Record<Reason, string>>;
}

interface AgentOfRecordTexts {
  planChanged(customerId: string, date: string): string;
  readonly kept: ChangeTexts<ReasonFor<'retained'>>;
  readonly gained: ChangeTexts<ReasonFor<'transferred'>>;
  readonly lost: ChangeTexts<ReasonFor<'transferred' | 'ended'>>;
  readonly whyTitle: string;
  /** What an agent may always do; only for agents who stay agent of record. */
  waysToRemain(line: string): string;
  readonly notRightTitle: string;
  notRight(phone: string): string;
}

const texts: Readonly<Record<Language, AgentOfRecordTexts>> = {
  en: {
    planChanged: (customerId, date) =>
      `The customer with the number ${customerId} has changed plans. The new plan starts on ${date}.`,
    kept: {
      subject: 'you remain agent of record',
      title: 'You remain agent of record',
      agentOfRecord: () =>
        'You remain agent of record for this customer, and your renewal commission continues.',
      reasons: {
        'unit-completed': 'The Dedicated Plan Change unit completed the change.',
        'internal-agent-completed': 'One of our internal agents completed the change.',
        'own-agent-applied': 'The change was completed with your own application.',
        'facilitator-not-eligible':
          'According to our records, whoever arranged the change with the customer was not eligible to do so on the day it was completed.',
      },
    },
    gained: {
      subject: 'you are the new agent of record of a customer',
      title: 'You are the new agent of record',
      agentOfRecord: (date) => `From ${date} on, you are agent of record for this customer.`,
      reasons: {
        'external-agent-facilitated': 'You sent in the application for the new plan.',
        'call-center-facilitated': 'Your call center arranged the change with the customer.',
      },
    },
    lost: {
      subject: 'you will no longer be agent of record of a customer',
      title: 'You will no longer be agent of record',
      agentOfRecord: (date) =>
        `From ${date} on, you are no longer agent of record for this customer, and with that your renewal commission for this customer ends. The day before is your last as agent of record.`,
      reasons: {
        'external-agent-facilitated': 'Another external agent sent in the application for the new plan.',
        'call-center-facilitated': 'An appointed external call center arranged the change with the customer.',
        'agent-terminated':
          'According to our records, your contract with us had ended by the day the change was completed.',
        'agent-not-licensed':
          'According to our records, on the day the change was completed you were not licensed in the state where the customer lives.',
        'agent-not-appointed':
          'According to our records, on the day the change was completed you were not appointed with us.',
        'agent-not-certified':
          'According to our records, on the day the change was completed you were not certified for the plan year in which the new plan starts.',
      },
    },
    whyTitle: 'Why',
    waysToRemain: (line) =>
      `You may always tell a customer to call the Dedicated Plan Change line, ${line}, or send in a new application yourself: both keep you agent of record, as long as you are active, licensed, appointed and certified.`,
    notRightTitle: 'If this is not right',
    notRight: (phone) => `Please call the help line for brokers: ${phone}.`,
  },
  es: {
    planChanged: (customerId, date) =>
      `El cliente con el número ${customerId} cambió de plan. El nuevo plan comienza el ${date}.`,
    kept: {
      subject: 'usted sigue como agente de registro',
      title: 'Usted sigue como agente de registro',
      agentOfRecord: () =>
        'Usted sigue como agente de registro de este cliente y su comisión de renovación continúa.',
      reasons: {
        'unit-completed': 'La unidad exclusiva para cambios de plan completó el cambio.',
        'internal-agent-completed': 'Uno de nuestros agentes internos completó el cambio.',
        'own-agent-applied': 'El cambio se completó con la solicitud que presentó usted.',
        'facilitator-not-eligible':
          'Según nuestros registros, quien gestionó el cambio con el cliente no cumplía los requisitos para hacerlo el día en que se completó.',
      },
    },
    gained: {
      subject: 'usted pasa a ser agente de registro de un cliente',
      title: 'Usted pasa a ser agente de registro',
      agentOfRecord: (date) => `A partir del ${date}, usted es agente de registro de este cliente.`,
      reasons: {
        'external-agent-facilitated': 'Usted presentó la solicitud del nuevo plan.',
        'call-center-facilitated': 'Su centro de llamadas gestionó el cambio con el cliente.',
      },
    },
    lost: {
      subject: 'usted dejará de ser agente de registro de un cliente',
      title: 'Usted dejará de ser agente de registro',
      agentOfRecord: (date) =>
        `A partir del ${date}, usted ya no es agente de registro de este cliente y con ello termina su comisión de renovación por este cliente. El día anterior es su último día como agente de registro.`,
      reasons: {
        'external-agent-facilitated': 'Otro agente externo presentó la solicitud del nuevo plan.',
        'call-center-facilitated':
          'Un centro de llamadas externo, con nombramiento nuestro, gestionó el cambio con el cliente.',
        'agent-terminated':
          'Según nuestros registros, su contrato con nosotros ya había terminado el día en que se completó el cambio.',
        'agent-not-licensed':
          'Según nuestros registros, el día en que se completó el cambio usted no tenía licencia en el estado donde vive el cliente.',
        'agent-not-appointed':
          'Según nuestros registros, el día en que se completó el cambio usted no tenía nombramiento nuestro.',
        'agent-not-certified':
          'Según nuestros registros, el día en que se completó el cambio usted no tenía la certificación para el año del plan en que comienza el nuevo plan.',
      },
    },
    whyTitle: 'Por qué',
    waysToRemain: (line) =>
      `Usted siempre puede pedirle a un cliente que llame a la línea exclusiva para cambios de plan, ${line}, o presentar usted una nueva solicitud: de las dos maneras sigue como agente de registro, mientras esté en actividad y tenga licencia, nombramiento y certificación.`,
    notRightTitle: 'Si esto no es correcto',
    notRight: (phone) => `Por favor, llame a la línea de ayuda para agentes: ${phone}.`,
  },
};

/**
 * Tells an agent or agency whether they are agent of record with the customer's new plan, and why (spec.md 7). The customer is named
 * by number only. Throws for a reason that cannot lead to this change, which no decision has.
 */
export function agentOfRecordEmail(
  rules: LetterRules,
  { recipient, customerId, change, reason, effectiveOn }: AgentOfRecordContent,
): RenderedEmail {
  const { language } = recipient;
  const text = texts[language];
  const { subject, title, agentOfRecord, reasons } = text[change];
  const why = new Map(Object.entries(reasons)).get(reason);
  if (why === undefined) throw new Error(`agent of record ${change}: not for the reason ${reason}`);

  const date = calendarDate(effectiveOn, language);
  const remain: Block[] =
    change === 'kept' ? [{ kind: 'paragraph', text: text.waysToRemain(rules.planChangeLine) }] : [];
  return letterOfUnit(rules, recipient, {
    subject,
    title,
    blocks: [
      { kind: 'paragraph', text: text.planChanged(customerId, date) },
      { kind: 'notice', text: agentOfRecord(date) },
      { kind: 'heading', text: text.whyTitle },
      { kind: 'paragraph', text: why },
      ...remain,
      { kind: 'heading', text: text.notRightTitle },
      { kind: 'paragraph', text: text.notRight(helpPhone(language, rules.policies.broker)) },
    ],
  });
}
