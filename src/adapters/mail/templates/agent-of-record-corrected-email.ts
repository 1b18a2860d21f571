import type { AgentOfRecordCorrectedContent, CorrectionCause } from '../../../ports/email-templates';
import type { ConcernedAgent, Told } from '../../../domain/plan-change/concerned-agents';
import type { Language } from '../../../domain/portal';
import { helpPhone, type LetterRules } from './common-texts';
import type { Block, RenderedEmail } from './layout';
import { letterOfUnit } from './letter-to';
import { calendarDate, dateRange } from './local-time';

interface AgentOfRecordCorrectedTexts {
  readonly subject: Readonly<Record<'corrected' | 'replaced', string>>;
  readonly title: Readonly<Record<'corrected' | 'replaced', string>>;
  readonly why: Readonly<Record<CorrectionCause, (customerId: string, date: string) => string>>;
  readonly toldTitle: string;
  readonly told: Readonly<Record<Told, string>>;
  readonly nowTitle: string;
  readonly now: Readonly<Record<ConcernedAgent['now'], (date: string) => string>>;
  readonly daysTitle: string;
  readonly noDays: string;
  readonly notRightTitle: string;
  notRight(phone: string): string;
}

const texts: Readonly<Record<Language, AgentOfRecordCorrectedTexts>> = {
  en: {
    subject: {
      corrected: 'a plan change of a customer was corrected',
      replaced: 'a plan change of a customer was replaced',
    },
    title: {
      corrected: 'A plan change of a customer was corrected',
      replaced: 'A plan change of a customer was replaced',
    },
    why: {
      'customer-cancelled': (customerId, date) =>
        `The customer with the number ${customerId} canceled the plan change that starts on ${date}, and it was reversed.`,
      'rejected-by-cms': (customerId, date) =>
        `The Centers for Medicare & Medicaid Services (CMS) did not accept the plan change of the customer with the number ${customerId} that starts on ${date}, and it was reversed.`,
      'entered-in-error': (customerId, date) =>
        `The plan change of the customer with the number ${customerId} that starts on ${date} had been recorded by mistake, and it was reversed.`,
      'determined-again': (customerId, date) =>
        `With what our records show today, it was determined again who is agent of record after the plan change of the customer with the number ${customerId} that starts on ${date}.`,
      replaced: (customerId, date) =>
        `The customer with the number ${customerId} made another plan change that starts on ${date}. It takes the place of the earlier one for the same date.`,
    },
    toldTitle: 'What we had told you',
    told: {
      kept: 'That you remain agent of record for this customer.',
      gained: 'That you are the new agent of record for this customer.',
      lost: 'That you are no longer agent of record for this customer, and that your renewal commission ends.',
    },
    nowTitle: 'What holds now',
    now: {
      kept: () => 'Nothing changes for you: your days as agent of record for this customer stay the same.',
      gained: (date) => `From ${date} on, you are agent of record for this customer.`,
      regained: (date) =>
        `From ${date} on, you are agent of record for this customer after all, and your renewal commission continues.`,
      lost: (date) =>
        `From ${date} on, you are not agent of record for this customer, and no renewal commission is due to you for that time. What was paid for it is taken back.`,
    },
    daysTitle: 'Your days as agent of record for this customer',
    noDays: 'There are none.',
    notRightTitle: 'If this is not right',
    notRight: (phone) => `Please call the help line for brokers: ${phone}.`,
  },
  es: {
    subject: {
      corrected: 'se corrigió un cambio de plan de un cliente',
      replaced: 'se reemplazó un cambio de plan de un cliente',
    },
    title: {
      corrected: 'Se corrigió un cambio de plan de un cliente',
      replaced: 'Se reemplazó un cambio de plan de un cliente',
    },
    why: {
      'customer-cancelled': (customerId, date) =>
        `El cliente con el número ${customerId} canceló el cambio de plan que comienza el ${date} y se anuló.`,
      'rejected-by-cms': (customerId, date) =>
        `Los Centros de Servicios de Medicare y Medicaid (CMS) no aceptaron el cambio de plan del cliente con el número ${customerId} que comienza el ${date} y se anuló.`,
      'entered-in-error': (customerId, date) =>
        `El cambio de plan del cliente con el número ${customerId} que comienza el ${date} se había registrado por error y se anuló.`,
      'determined-again': (customerId, date) =>
        `Con lo que hoy muestran nuestros registros, se volvió a determinar quién es agente de registro después del cambio de plan del cliente con el número ${customerId} que comienza el ${date}.`,
      replaced: (customerId, date) =>
        `El cliente con el número ${customerId} hizo otro cambio de plan que comienza el ${date}. Reemplaza al anterior de la misma fecha.`,
    },
    toldTitle: 'Lo que le habíamos dicho',
    told: {
      kept: 'Que usted sigue como agente de registro de este cliente.',
      gained: 'Que usted pasa a ser agente de registro de este cliente.',
      lost: 'Que usted ya no es agente de registro de este cliente y que su comisión de renovación termina.',
    },
    nowTitle: 'Lo que vale ahora',
    now: {
      kept: () =>
        'Para usted no cambia nada: sus días como agente de registro de este cliente son los mismos.',
      gained: (date) => `A partir del ${date}, usted es agente de registro de este cliente.`,
      regained: (date) =>
        `A partir del ${date}, usted sigue como agente de registro de este cliente y su comisión de renovación continúa.`,
      lost: (date) =>
        `A partir del ${date}, usted no es agente de registro de este cliente y no le corresponde comisión de renovación por ese tiempo. Lo que se pagó por él se descuenta.`,
    },
    daysTitle: 'Sus días como agente de registro de este cliente',
    noDays: 'No hay ninguno.',
    notRightTitle: 'Si esto no es correcto',
    notRight: (phone) => `Por favor, llame a la línea de ayuda para agentes: ${phone}.`,
  },
};

/**
 * Tells an agent or agency what a correction of a customer's plan change, or a later one in its place, means for them: what had been
 * told, and what holds now (spec.md 7b). The customer is named by number only.
 */
export function agentOfRecordCorrectedEmail(
  rules: LetterRules,
  { recipient, customerId, cause, effectiveOn, told, now, from, days }: AgentOfRecordCorrectedContent,
): RenderedEmail {
  const { language } = recipient;
  const text = texts[language];
  const became = cause === 'replaced' ? cause : 'corrected';
  const hadTold: Block[] =
    told === null
      ? []
      : [
          { kind: 'heading', text: text.toldTitle },
          { kind: 'paragraph', text: text.told[told] },
        ];
  const theirDays: Block =
    days.length === 0
      ? { kind: 'paragraph', text: text.noDays }
      : { kind: 'list', items: days.map((period) => dateRange(period, language)) };
  return letterOfUnit(rules, recipient, {
    subject: text.subject[became],
    title: text.title[became],
    blocks: [
      { kind: 'paragraph', text: text.why[cause](customerId, calendarDate(effectiveOn, language)) },
      ...hadTold,
      { kind: 'heading', text: text.nowTitle },
      { kind: 'notice', text: text.now[now](calendarDate(from ?? effectiveOn, language)) },
      { kind: 'heading', text: text.daysTitle },
      theirDays,
      { kind: 'heading', text: text.notRightTitle },
      { kind: 'paragraph', text: text.notRight(helpPhone(language, rules.policies.broker)) },
    ],
  });
}
