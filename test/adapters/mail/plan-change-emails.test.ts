import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import type {
  AgentOfRecordContent,
  PlanChangeCompletedContent,
  PlanChangeHeldContent,
  PlanChangeWaitingContent,
} from '../../../src/ports/email-templates';
import type { Addressee } from '../../../src/ports/mail';
import { createEmailTemplates } from '../../../src/adapters/mail/templates';
import { STANDING_DEFECTS } from '../../../src/domain/plan-change/agent-standing';
import { PLAN_CHANGE_LINE } from '../../../src/domain/plan-change/routing';
import type { Language } from '../../../src/domain/portal';
import { DAY_MS, HOUR_MS } from '../../../src/domain/time';

const templates = createEmailTemplates();
const languages: Language[] = ['en', 'es'];
const planChangeId = '0b5f6f0e-6c1b-4a53-9d6f-2f1f0c6a7e11';
/** 3:27 PM in New York, in winter. */
const waitingSinceMs = Date.UTC(2026, 10, 22, 20, 27);

const recipient = (language: Language, firstName = 'Dana'): Addressee => ({
  email: 'dana.reed@example.com',
  firstName,
  language,
});

type Fields<Content> = Partial<Content> & { readonly firstName?: string };

const completed = (language: Language, { firstName, ...fields }: Fields<PlanChangeCompletedContent> = {}) =>
  templates.planChangeCompleted({
    recipient: recipient(language, firstName),
    planName: 'Golden Choice (HMO)',
    effectiveOn: '2027-01-01',
    agentOfRecord: { kind: 'stays', name: 'Avery Stone' },
    ...fields,
  });

const agentOfRecord = (language: Language, { firstName, ...fields }: Fields<AgentOfRecordContent> = {}) =>
  templates.agentOfRecord({
    recipient: recipient(language, firstName),
    customerId: 'C-20417',
    change: 'kept',
    reason: 'unit-completed',
    effectiveOn: '2027-01-01',
    ...fields,
  });

const held = (language: Language, { firstName, ...fields }: Fields<PlanChangeHeldContent> = {}) =>
  templates.planChangeHeld({
    recipient: recipient(language, firstName),
    planChangeId,
    heldSinceMs: waitingSinceMs,
    heldFor: 'not-licensed',
    again: false,
    ...fields,
  });

const waiting = (language: Language, { firstName, ...fields }: Fields<PlanChangeWaitingContent> = {}) =>
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

const reasonCases: readonly ReasonCase[] = [
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

const agents: readonly PlanChangeCompletedContent['agentOfRecord'][] = [
  { kind: 'stays', name: 'Avery Stone' },
  { kind: 'is-new', name: 'Avery Stone' },
  { kind: 'nobody' },
];

interface EmailCase {
  readonly name: string;
  readonly template: string;
  readonly language: Language;
  write(fields?: { readonly firstName?: string }): ReturnType<typeof completed>;
}

/** Every email that can come of these templates, by what it depends on. */
const emails: readonly EmailCase[] = languages.flatMap((language) => [
  ...agents.map((agent) => ({
    name: `plan change completed, agent ${agent.kind}, ${language}`,
    template: 'plan-change-completed-email',
    language,
    write: (fields = {}) => completed(language, { agentOfRecord: agent, ...fields }),
  })),
  ...reasonCases.map(([change, reason]) => ({
    name: `agent of record ${change}, ${reason}, ${language}`,
    template: 'agent-of-record-email',
    language,
    write: (fields = {}) => agentOfRecord(language, { change, reason, ...fields }),
  })),
  ...[false, true].map((overdue) => ({
    name: `plan change waiting, ${overdue ? 'overdue' : 'late'}, ${language}`,
    template: 'plan-change-waiting-email',
    language,
    write: (fields = {}) => waiting(language, { overdue, ...fields }),
  })),
  ...[false, true].flatMap((again) =>
    STANDING_DEFECTS.map((heldFor) => ({
      name: `plan change ${again ? 'still held' : 'held'}, ${heldFor}, ${language}`,
      template: 'plan-change-held-email',
      language,
      write: (fields = {}) => held(language, { again, heldFor, ...fields }),
    })),
  ),
]);

/** What a reader sees of the HTML, spaces shrunk. */
function visibleText(html: string): string {
  return html
    .replace(/<head>[^]*<\/head>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ')
    .trim();
}

/** The text as one line, without what marks list items and small print. */
const flat = (text: string) =>
  text
    .replace(/^\s*(--$|- )/gm, '')
    .replace(/\s+/g, ' ')
    .trim();

describe.each(emails)('Every plan-change email ($name)', ({ language, write }) => {
  it('A plan-change email says exactly the same in text and in HTML', () => {
    const { text, html } = write();

    expect(visibleText(html).toLowerCase()).toBe(flat(text).toLowerCase());
    expect(html).toContain(`<html lang="${language}">`);
  });

  it('A plan-change email is signed by the unit in its subject, its heading and its small print', () => {
    const unit = { en: 'Plan Change Services', es: 'Servicios de cambio de plan' }[language];
    const smallPrint = {
      en: '\n--\nThis message from Plan Change Services comes from a mailbox that nobody reads. Please do not reply to it.\nConfidential: this message is meant only for the person it is addressed to. If it came to you by mistake, please tell us at 1-855-649-5105 and delete it.\n',
      es: '\n--\nEste mensaje de Servicios de cambio de plan viene de un buzón que nadie revisa. Por favor, no lo conteste.\nConfidencial: este mensaje es solo para la persona a quien va dirigido. Si lo recibió por error, avísenos al 1-855-649-5105 y bórrelo.\n',
    }[language];

    const { subject, text } = write();

    expect(subject.startsWith(`${unit}: `)).toBe(true);
    expect(text.startsWith(`${unit}\n\n`)).toBe(true);
    expect(text.endsWith(smallPrint)).toBe(true);
    expect(text).not.toMatch(/Portal/);
  });

  it('A plan-change email greets by first name, and without a name if the recipient is a firm', () => {
    const byName = write().text;
    const firm = write({ firstName: '' }).text;

    expect(byName).toMatch(language === 'en' ? /^Hello Dana,$/m : /^Hola, Dana:$/m);
    expect(firm).toMatch(language === 'en' ? /^Hello,$/m : /^Hola:$/m);
  });

  it('A plan-change email has no gap where a value belongs', () => {
    const { subject, text, html } = write();

    for (const part of [subject, text, visibleText(html)]) {
      expect(part).not.toMatch(/undefined|null|NaN|Invalid|\[object|[{}$]|=>| [,.:;](?!\w)|,,/);
    }
  });

  it('A plan-change email contains no links and nothing that a mail client turns into a link', () => {
    const { subject, text, html } = write();

    expect(html).not.toMatch(/<(a|img|script|link|iframe|form|table|style)\b/i);
    expect(html).not.toMatch(/\b(href|src|background)\s*=|url\(/i);
    for (const part of [subject, text, visibleText(html)]) {
      expect(part).not.toMatch(/www\.|http|:\/\/|@|[a-z]{2,}\.[a-z]{2,}/i);
    }
  });

  it('A plan-change email has a title that says what its subject says', () => {
    const { subject, text } = write();

    const title = text.split('\n')[2] ?? '';

    expect(title).toMatch(/^\p{Lu}/u);
    expect(subject.toLowerCase()).toContain(`: ${title.toLowerCase()}`);
  });

  it('A plan-change email keeps numbers, plans and names out of its subject', () => {
    const { subject } = write();

    expect(subject).not.toMatch(/\d|Golden|Avery|Dana/);
  });
});

describe('Texts of the plan-change emails', () => {
  /** What stands still in the strings of the table `texts` of a template: the parts between the values. */
  function fixedParts(template: string): readonly string[] {
    const file = join(__dirname, '../../../src/adapters/mail/templates', `${template}.ts`);
    const table = /^const texts[^]*?^};$/m.exec(readFileSync(file, 'utf8'))?.[0] ?? '';
    return [...table.matchAll(/`([^`]*)`|'([^'\n]*)'(:?)/g)]
      .filter(([, , , key]) => key !== ':')
      .flatMap(([, pattern, plain]) => (pattern ?? plain ?? '').split(/\$\{[^}]*\}/))
      .filter((part) => part.trim() !== '');
  }

  it.each([
    ['plan-change-completed-email', 20],
    ['agent-of-record-email', 40],
    ['plan-change-waiting-email', 20],
    ['plan-change-held-email', 25],
  ])('The plan-change emails use every text of the template %s', (template, atLeast) => {
    const written = emails
      .filter((email) => email.template === template)
      .map(({ write }) => write())
      .map(({ subject, text }) => `${subject}\n${text}`.toLowerCase())
      .join('\n');

    const parts = fixedParts(template);

    expect(parts.length).toBeGreaterThanOrEqual(atLeast);
    expect(parts.filter((part) => !written.includes(part.toLowerCase()))).toEqual([]);
  });

  it('The Spanish plan-change emails address the reader formally', () => {
    const spanish = emails.filter(({ language }) => language === 'es').map(({ write }) => write().text);

    for (const text of spanish) {
      expect(text).not.toMatch(/(?<!\p{L})(tú|te|ti|tu|tus|contigo|tienes|llama|pide|eres)(?!\p{L})/iu);
    }
  });

  it('The plan-change emails all differ from each other', () => {
    const texts = emails.map(({ write }) => write().text);

    expect(new Set(texts).size).toBe(emails.length);
  });
});

describe('Email about a completed plan change', () => {
  it('The email about a completed plan change names the new plan and the day it starts', () => {
    expect(completed('en').subject).toBe('Plan Change Services: your plan change is complete');
    expect(completed('en').text).toContain(
      '\nThe plan change you asked for is complete. Your new plan, Golden Choice (HMO), starts on January 1, 2027.\n',
    );
    expect(completed('es').subject).toBe('Servicios de cambio de plan: se completó su cambio de plan');
    expect(completed('es').text).toContain(
      '\nEl cambio de plan que usted pidió ya está hecho. Su nuevo plan, Golden Choice (HMO), comienza el 1 de enero de 2027.\n',
    );
  });

  it.each<[PlanChangeCompletedContent['agentOfRecord'], string, string]>([
    [
      { kind: 'stays', name: 'Avery Stone' },
      'Avery Stone is still your agent of record and looks after your plan as before.',
      'Avery Stone sigue siendo su agente de registro y se encarga de su plan como hasta ahora.',
    ],
    [
      { kind: 'is-new', name: 'Stone Agency, Inc.' },
      'From January 1, 2027 on, Stone Agency, Inc. is your new agent of record and looks after your plan.',
      'A partir del 1 de enero de 2027, Stone Agency, Inc. pasa a ser su agente de registro y se encarga de su plan.',
    ],
    [
      { kind: 'nobody' },
      'From January 1, 2027 on, you have no agent of record: no agent looks after your plan. If you have any question, please call the Dedicated Plan Change line: 1-855-649-5105.',
      'A partir del 1 de enero de 2027, usted no tiene agente de registro: ningún agente se encarga de su plan. Si tiene alguna pregunta, llame a la línea exclusiva para cambios de plan: 1-855-649-5105.',
    ],
  ])(
    'The email about a completed plan change says who is agent of record from then on: %j',
    (agent, english, spanish) => {
      const inEnglish = completed('en', { agentOfRecord: agent }).text;
      const inSpanish = completed('es', { agentOfRecord: agent }).text;

      expect(inEnglish).toContain(`\nYOUR AGENT OF RECORD\n\n${english}\n\n`);
      expect(inSpanish).toContain(`\nSU AGENTE DE REGISTRO\n\n${spanish}\n\n`);
    },
  );

  it('The email about a completed plan change says whom to call if the customer did not ask for it', () => {
    expect(completed('en').text).toContain(
      '\nIF YOU DID NOT ASK FOR THIS\n\nPlease call the Dedicated Plan Change line right away: 1-855-649-5105.\n',
    );
    expect(completed('es').text).toContain(
      '\nSI USTED NO PIDIÓ ESTE CAMBIO\n\nPor favor, llame de inmediato a la línea exclusiva para cambios de plan: 1-855-649-5105.\n',
    );
  });

  it('The email about a completed plan change escapes plan and agent names that look like HTML', () => {
    const { text, html } = completed('en', {
      planName: '<b>Gold & "Silver"</b>',
      agentOfRecord: { kind: 'stays', name: "<i>O'Dwyer</i>" },
    });

    expect(text).toContain('<b>Gold & "Silver"</b>');
    expect(text).toContain("<i>O'Dwyer</i> is still");
    expect(html).toContain('&lt;b&gt;Gold &amp; &quot;Silver&quot;&lt;/b&gt;');
    expect(html).toContain('&lt;i&gt;O&#39;Dwyer&lt;/i&gt; is still');
    expect(html).not.toMatch(/<[bi]>/);
  });

  it.each(languages)(
    'The email about a completed plan change keeps an agent’s name with line breaks on one line (%s)',
    (language) => {
      const plain = completed(language, { agentOfRecord: { kind: 'is-new', name: 'Avery Stone' } });

      const { text, html } = completed(language, {
        agentOfRecord: { kind: 'is-new', name: 'Avery\r\n\r\nCALL\u2028900-555-0100\u202e' },
      });

      expect(text).toContain(' Avery CALL 900-555-0100 ');
      expect(text.split('\n')).toHaveLength(plain.text.split('\n').length);
      expect(html.split('\n')).toHaveLength(plain.html.split('\n').length);
    },
  );
});

describe('Email to an agent about the agent of record', () => {
  it.each(reasonCases)(
    'The agent-of-record email (%s, %s) explains the reason in words',
    (change, reason, english, spanish) => {
      const inEnglish = agentOfRecord('en', { change, reason }).text;
      const inSpanish = agentOfRecord('es', { change, reason }).text;

      expect(inEnglish).toContain(`\nWHY\n\n${english}\n\n`);
      expect(inSpanish).toContain(`\nPOR QUÉ\n\n${spanish}\n\n`);
    },
  );

  it('The agent-of-record email words every reason differently', () => {
    for (const language of languages) {
      const words = reasonCases.map(([change, reason]) => {
        const { text } = agentOfRecord(language, { change, reason });
        return /^(?:WHY|POR QUÉ)\n\n(.+)$/m.exec(text)?.[1];
      });

      expect(words).not.toContain(undefined);
      expect(new Set(words).size).toBe(reasonCases.length);
    }
  });

  it('The agent-of-record email says that the agent remains and the renewal commission continues', () => {
    const english = agentOfRecord('en', { change: 'kept' });
    const spanish = agentOfRecord('es', { change: 'kept' });

    expect(english.subject).toBe('Plan Change Services: you remain agent of record');
    expect(english.text).toContain(
      '\nThe customer with the number C-20417 has changed plans. The new plan starts on January 1, 2027.\n\nYou remain agent of record for this customer, and your renewal commission continues.\n',
    );
    expect(spanish.subject).toBe('Servicios de cambio de plan: usted sigue como agente de registro');
    expect(spanish.text).toContain(
      '\nEl cliente con el número C-20417 cambió de plan. El nuevo plan comienza el 1 de enero de 2027.\n\nUsted sigue como agente de registro de este cliente y su comisión de renovación continúa.\n',
    );
  });

  it('The agent-of-record email says from when a new agent is agent of record', () => {
    const fields = { change: 'gained', reason: 'external-agent-facilitated' } as const;

    const english = agentOfRecord('en', fields);
    const spanish = agentOfRecord('es', fields);

    expect(english.subject).toBe('Plan Change Services: you are the new agent of record of a customer');
    expect(english.text).toContain('\nFrom January 1, 2027 on, you are agent of record for this customer.\n');
    expect(spanish.subject).toBe(
      'Servicios de cambio de plan: usted pasa a ser agente de registro de un cliente',
    );
    expect(spanish.text).toContain(
      '\nA partir del 1 de enero de 2027, usted es agente de registro de este cliente.\n',
    );
    expect(english.text + spanish.text).not.toMatch(/commission|comisión/);
  });

  it('The agent-of-record email says until when a former agent was one, and that the renewal commission ends', () => {
    const fields = { change: 'lost', reason: 'agent-not-certified' } as const;

    const english = agentOfRecord('en', fields);
    const spanish = agentOfRecord('es', fields);

    expect(english.subject).toBe('Plan Change Services: you will no longer be agent of record of a customer');
    expect(english.text).toContain(
      '\nFrom January 1, 2027 on, you are no longer agent of record for this customer, and with that your renewal commission for this customer ends. The day before is your last as agent of record.\n',
    );
    expect(spanish.subject).toBe(
      'Servicios de cambio de plan: usted dejará de ser agente de registro de un cliente',
    );
    expect(spanish.text).toContain(
      '\nA partir del 1 de enero de 2027, usted ya no es agente de registro de este cliente y con ello termina su comisión de renovación por este cliente. El día anterior es su último día como agente de registro.\n',
    );
  });

  it('The agent-of-record email reminds only agents who remain of the two ways to stay agent of record', () => {
    const english =
      'You may always tell a customer to call the Dedicated Plan Change line, 1-855-649-5105, or send in a new application yourself: both keep you agent of record, as long as you are active, licensed, appointed and certified.';
    const spanish =
      'Usted siempre puede pedirle a un cliente que llame a la línea exclusiva para cambios de plan, 1-855-649-5105, o presentar usted una nueva solicitud: de las dos maneras sigue como agente de registro, mientras esté en actividad y tenga licencia, nombramiento y certificación.';

    for (const [change, reason] of reasonCases) {
      const reminded = change === 'kept';

      expect(agentOfRecord('en', { change, reason }).text.includes(`\n${english}\n`)).toBe(reminded);
      expect(agentOfRecord('es', { change, reason }).text.includes(`\n${spanish}\n`)).toBe(reminded);
    }
  });

  it.each(reasonCases)(
    'The agent-of-record email (%s, %s) says whom to call if it is not right',
    (change, reason) => {
      const english = agentOfRecord('en', { change, reason }).text;
      const spanish = agentOfRecord('es', { change, reason }).text;

      expect(english).toContain(
        '\nIF THIS IS NOT RIGHT\n\nPlease call the help line for brokers: 877.454.0923 (during business hours).\n',
      );
      expect(spanish).toContain(
        '\nSI ESTO NO ES CORRECTO\n\nPor favor, llame a la línea de ayuda para agentes: 877.454.0923 (en horario de oficina).\n',
      );
    },
  );

  it.each<[AgentOfRecordContent['change'], AgentOfRecordContent['reason']]>([
    ['kept', 'agent-terminated'],
    ['kept', 'no-agent-of-record'],
    ['gained', 'unit-completed'],
    ['lost', 'own-agent-applied'],
    ['lost', 'no-agent-of-record'],
  ])(
    'The agent-of-record email cannot be written for the impossible combination %s, %s',
    (change, reason) => {
      expect(() => agentOfRecord('en', { change, reason })).toThrow(
        `agent of record ${change}: not for the reason ${reason}`,
      );
    },
  );

  it('The agent-of-record email escapes a malformed customer number and keeps it on one line', () => {
    const { text, html } = agentOfRecord('en', { customerId: '<b>7</b>\n\nx' });

    expect(text).toContain('\nThe customer with the number <b>7</b> x has changed plans.');
    expect(html).toContain('&lt;b&gt;7&lt;/b&gt; x has');
    expect(html).not.toContain('<b>');
  });
});

describe('Email to the unit’s lead about a waiting plan change', () => {
  it('The email about a waiting plan change says since when, in New York time, and that nobody took it', () => {
    const english = waiting('en');
    const spanish = waiting('es');

    expect(english.subject).toBe('Plan Change Services: a plan change is waiting');
    expect(english.text).toContain(
      '\nA plan change has been waiting since November 22, 2026 at 3:27 PM EST, and nobody has taken it.\n',
    );
    expect(spanish.subject).toBe('Servicios de cambio de plan: un cambio de plan está en espera');
    expect(spanish.text).toContain(
      '\nUn cambio de plan está en espera desde el 22 de noviembre de 2026 a las 3:27 p.m. EST y nadie lo ha tomado.\n',
    );
    expect(english.text).not.toContain('than a day');
    expect(spanish.text).not.toContain('de un día');
  });

  it('The email about a waiting plan change says when it has waited for far too long', () => {
    const english = waiting('en', { overdue: true });
    const spanish = waiting('es', { overdue: true });

    expect(english.subject).toBe('Plan Change Services: a plan change has been waiting for far too long');
    expect(english.text).toContain(
      '\nA plan change has been waiting for far too long, since November 22, 2026 at 3:27 PM EST, and nobody has taken it.\n',
    );
    expect(spanish.subject).toBe(
      'Servicios de cambio de plan: un cambio de plan lleva demasiado tiempo en espera',
    );
    expect(spanish.text).toContain(
      '\nUn cambio de plan lleva demasiado tiempo en espera, desde el 22 de noviembre de 2026 a las 3:27 p.m. EST, y nadie lo ha tomado.\n',
    );
  });

  it.each([false, true])(
    'The Spanish email about a waiting plan change uses the article "la" for one o’clock (overdue: %s)',
    (overdue) => {
      const { text } = waiting('es', { waitingSinceMs: waitingSinceMs - 2 * HOUR_MS, overdue });

      expect(text).toContain('desde el 22 de noviembre de 2026 a la 1:27 p.m. EST');
    },
  );

  it('The email about a waiting plan change writes a time in summer as EDT', () => {
    const { text } = waiting('en', { waitingSinceMs: Date.UTC(2026, 6, 1, 3, 59) });

    expect(text).toContain('since June 30, 2026 at 11:59 PM EDT,');
  });

  it.each([false, true])(
    'The email about a waiting plan change gives its number and says what to do (overdue: %s)',
    (overdue) => {
      const english = waiting('en', { overdue }).text;
      const spanish = waiting('es', { overdue }).text;

      expect(english).toContain(
        `\nNumber of the plan change: ${planChangeId}\n\nWHAT TO DO\n\n- Please have a representative of the unit take it.\n- The request that takes it: POST /v1/plan-changes/${planChangeId}/claim\n`,
      );
      expect(spanish).toContain(
        `\nNúmero del cambio de plan: ${planChangeId}\n\nQUÉ HACER\n\n- Por favor, pida a un representante de la unidad que lo tome.\n- La petición con la que se toma: POST /v1/plan-changes/${planChangeId}/claim\n`,
      );
    },
  );
});

describe('Email to the unit’s lead about a held plan change', () => {
  it('The email about a held plan change says since when, that it stays held, and what was missing', () => {
    const english = held('en');
    const spanish = held('es', { again: true, heldFor: 'terminated' });

    expect(english.subject).toBe('Plan Change Services: a plan change is held');
    expect(english.text).toContain(
      '\nA plan change has been held since November 22, 2026 at 3:27 PM EST: it is a compliance case. It stays held until somebody resolves it, and until then the customer cannot change plans.\n\nWhoever facilitates it is not licensed in the customer’s state.\n',
    );
    expect(spanish.subject).toBe('Servicios de cambio de plan: un cambio de plan sigue retenido');
    expect(spanish.text).toContain(
      'retenido desde el 22 de noviembre de 2026 a las 3:27 p.m. EST: es un caso',
    );
    expect(spanish.text).toContain('\nQuien lo gestiona no está en activo.\n');
  });

  it.each(STANDING_DEFECTS)(
    'The email about a held plan change has its own words in both languages for the defect %s',
    (heldFor) => {
      const others = STANDING_DEFECTS.filter((each) => each !== heldFor);

      for (const language of languages)
        for (const other of others)
          expect(held(language, { heldFor }).text).not.toBe(held(language, { heldFor: other }).text);
    },
  );

  it('The email about a held plan change says what to do', () => {
    for (const language of languages) {
      const { text } = held(language);
      expect(text).toContain(`POST /v1/plan-changes/${planChangeId}/facilitator`);
      expect(text).toContain(`POST /v1/plan-changes/${planChangeId}/withdraw`);
    }
  });

  it('The Spanish email about a held plan change uses the article "la" for one o’clock', () => {
    expect(held('es', { heldSinceMs: waitingSinceMs - 2 * HOUR_MS }).text).toContain('a la 1:27 p.m. EST');
  });
});

describe('Calendar days in plan-change emails', () => {
  const days = [
    ['2027-01-01', 'January 1, 2027', '1 de enero de 2027'],
    ['2026-12-31', 'December 31, 2026', '31 de diciembre de 2026'],
    ['2028-02-29', 'February 29, 2028', '29 de febrero de 2028'],
    ['2027-03-14', 'March 14, 2027', '14 de marzo de 2027'],
    ['2027-11-07', 'November 7, 2027', '7 de noviembre de 2027'],
  ] as const;

  it.each(days)('The calendar day %s is written out as the same day', (effectiveOn, english, spanish) => {
    const lost = { change: 'lost', reason: 'agent-terminated', effectiveOn } as const;

    expect(completed('en', { effectiveOn }).text).toContain(`starts on ${english}.`);
    expect(completed('es', { effectiveOn }).text).toContain(`comienza el ${spanish}.`);
    expect(agentOfRecord('en', lost).text).toContain(`From ${english} on,`);
    expect(agentOfRecord('es', lost).text).toContain(`A partir del ${spanish},`);
  });

  it('A plan-change email never shifts a calendar day by a day or by a year', () => {
    const anyDay = fc.integer({ min: Date.UTC(2020, 0, 1) / DAY_MS, max: Date.UTC(2060, 0, 1) / DAY_MS });

    fc.assert(
      fc.property(anyDay, (day) => {
        const effectiveOn = new Date(day * DAY_MS).toISOString().slice(0, 10);
        const [year, , dayOfMonth] = effectiveOn.split('-').map(Number);

        const { text } = completed('en', { effectiveOn });

        expect(text).toMatch(new RegExp(`starts on [A-Z][a-z]+ ${dayOfMonth}, ${year}\\.`));
      }),
    );
  });

  it.each(['', 'soon', '2027-13-01'])('A plan-change email refuses %j as a calendar day', (effectiveOn) => {
    expect(() => completed('en', { effectiveOn })).toThrow(RangeError);
  });
});

describe('Personal data in plan-change emails', () => {
  /** More than the templates ask for, as a row of a database would have it. */
  const record = {
    customerName: 'María Silva',
    customer: { firstName: 'María', lastName: 'Silva', email: 'maria.silva@example.com' },
    memberNumber: 'M-9917',
    state: 'FL',
    planName: 'Golden Choice (HMO)',
  };
  const customerData = /María|Silva|maria\.silva|M-9917|\bFL\b|Golden/;

  it.each(languages)(
    'An email to an agent contains no customer data except the customer number (%s)',
    (language) => {
      for (const [change, reason] of reasonCases) {
        const email = JSON.stringify(agentOfRecord(language, { ...record, change, reason }));

        expect(email).not.toMatch(customerData);
        expect(email).toContain('C-20417');
      }
    },
  );

  it.each(languages)(
    'An email to the unit’s lead contains no customer data, not even the customer number (%s)',
    (language) => {
      const withNumber = { ...record, customerId: 'C-20417' };

      for (const overdue of [false, true]) {
        const email = JSON.stringify(waiting(language, { ...withNumber, overdue }));

        expect(email).not.toMatch(customerData);
        expect(email).not.toContain('C-20417');
      }
      const compliance = JSON.stringify(held(language, { ...withNumber, again: true }));
      expect(compliance).not.toMatch(customerData);
      expect(compliance).not.toContain('C-20417');
    },
  );

  it.each(emails)('A plan-change email does not contain the reader’s email address ($name)', ({ write }) => {
    expect(JSON.stringify(write())).not.toContain('dana.reed');
  });
});

it('PLAN_CHANGE_LINE is the published number of the Dedicated Plan Change line', () => {
  expect(PLAN_CHANGE_LINE).toBe('1-855-649-5105');
});
