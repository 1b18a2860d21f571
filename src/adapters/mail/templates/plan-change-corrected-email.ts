import type { NamedPeriod, PlanChangeCorrectedContent } from '../../../ports/email-templates';
import type { Language } from '../../../domain/portal';
import type { LetterRules } from './common-texts';
import type { RenderedEmail } from './layout';
import { letterOfUnit } from './letter-to';
import { calendarDate, dateRange } from './local-time';

/** Texts never put a name right before a full stop, because many firms' names end with one. */
interface PlanChangeCorrectedTexts {
  readonly reversed: Heading;
  readonly determinedAgain: Heading;
  readonly why: Readonly<Record<PlanChangeCorrectedContent['cause'], string>>;
  readonly toldTitle: string;
  told(planName: string, date: string): string;
  readonly planTitle: string;
  readonly noPlan: string;
  readonly agentTitle: string;
  readonly nobody: string;
  readonly notRightTitle: string;
  notRight(line: string): string;
}

interface Heading {
  readonly subject: string;
  readonly title: string;
}

const texts: Readonly<Record<Language, PlanChangeCorrectedTexts>> = {
  en: {
    reversed: { subject: 'your plan change was reversed', title: 'Your plan change was reversed' },
    determinedAgain: {
      subject: 'we looked again at who is your agent of record',
      title: 'We looked again at who is your agent of record',
    },
    why: {
      'customer-cancelled': 'We reversed a plan change of yours, because you canceled it.',
      'rejected-by-cms':
        'We reversed a plan change of yours, because the Centers for Medicare & Medicaid Services (CMS) did not accept the enrollment.',
      'entered-in-error': 'We reversed a plan change of yours, because we had recorded it by mistake.',
      'determined-again':
        'With what our records show today, we determined again who is your agent of record after your plan change. Your plan stays as it is.',
    },
    toldTitle: 'What we had told you',
    told: (planName, date) => `That your plan change is complete, and that ${planName} starts on ${date}.`,
    planTitle: 'Your plan now',
    noPlan: 'no plan with us',
    agentTitle: 'Your agent of record now',
    nobody: 'nobody',
    notRightTitle: 'If this is not right',
    notRight: (line) => `Please call the Dedicated Plan Change line right away: ${line}.`,
  },
  es: {
    reversed: { subject: 'se anuló su cambio de plan', title: 'Se anuló su cambio de plan' },
    determinedAgain: {
      subject: 'revisamos quién es su agente de registro',
      title: 'Revisamos quién es su agente de registro',
    },
    why: {
      'customer-cancelled': 'Anulamos un cambio de plan suyo porque usted lo canceló.',
      'rejected-by-cms':
        'Anulamos un cambio de plan suyo porque los Centros de Servicios de Medicare y Medicaid (CMS) no aceptaron la inscripción.',
      'entered-in-error': 'Anulamos un cambio de plan suyo porque lo habíamos registrado por error.',
      'determined-again':
        'Con lo que hoy muestran nuestros registros, volvimos a determinar quién es su agente de registro después de su cambio de plan. Su plan sigue igual.',
    },
    toldTitle: 'Lo que le habíamos dicho',
    told: (planName, date) => `Que su cambio de plan está hecho y que ${planName} comienza el ${date}.`,
    planTitle: 'Su plan ahora',
    noPlan: 'ningún plan con nosotros',
    agentTitle: 'Su agente de registro ahora',
    nobody: 'nadie',
    notRightTitle: 'Si esto no es correcto',
    notRight: (line) => `Por favor, llame de inmediato a la línea exclusiva para cambios de plan: ${line}.`,
  },
};

/** Tells a customer that a completed plan change was corrected: what had been told, and what holds now (spec.md 7b). */
export function planChangeCorrectedEmail(
  rules: LetterRules,
  { recipient, cause, planName, effectiveOn, plans, agents }: PlanChangeCorrectedContent,
): RenderedEmail {
  const { language } = recipient;
  const text = texts[language];
  const listed = (periods: readonly NamedPeriod[], none: string): string[] =>
    periods.map((period) => `${dateRange(period, language)}: ${period.name ?? none}`);
  return letterOfUnit(rules, recipient, {
    ...(cause === 'determined-again' ? text.determinedAgain : text.reversed),
    blocks: [
      { kind: 'paragraph', text: text.why[cause] },
      { kind: 'heading', text: text.toldTitle },
      { kind: 'paragraph', text: text.told(planName, calendarDate(effectiveOn, language)) },
      { kind: 'heading', text: text.planTitle },
      { kind: 'list', items: listed(plans, text.noPlan) },
      { kind: 'heading', text: text.agentTitle },
      { kind: 'list', items: listed(agents, text.nobody) },
      { kind: 'heading', text: text.notRightTitle },
      { kind: 'notice', text: text.notRight(rules.planChangeLine) },
    ],
  });
}
