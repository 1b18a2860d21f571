import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { projectRoot } from '../../../lab/stack/project-root';
import { catalogOf } from '../../../src/adapters/brand/catalog';
import type {
  AgentOfRecordCorrectedContent,
  PlanChangeCompletedContent,
} from '../../../src/ports/email-templates';
import { STANDING_DEFECTS } from '../../../src/domain/plan-change/agent-standing';
import { REVERSAL_REASONS } from '../../../src/domain/plan-change/corrections';
import type { Language } from '../../../src/domain/portal';
import { DAY_MS } from '../../../src/domain/time';
import {
  agentCorrected,
  agentOfRecord,
  completed,
  corrected,
  held,
  languages,
  reasonCases,
  waiting,
} from './plan-change-letters';
import { planChangeLine } from '../../support/brand';

const agents: readonly PlanChangeCompletedContent['agentOfRecord'][] = [
  { kind: 'stays', name: 'Avery Stone' },
  { kind: 'is-new', name: 'Avery Stone' },
  { kind: 'nobody' },
];

const causes = [...REVERSAL_REASONS, 'determined-again'] as const;
const lastYear = [{ from: '2026-01-01', to: '2026-12-31' }];
const corrections: readonly Partial<AgentOfRecordCorrectedContent>[] = [
  ...causes.map((cause) => ({ cause })),
  { told: 'gained', now: 'lost', days: [] },
  { told: 'gained', now: 'lost', days: lastYear },
  { told: 'kept', now: 'kept', from: null, days: lastYear },
  { told: null, now: 'gained' },
  { cause: 'replaced', told: 'gained', now: 'lost', days: [] },
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
  ...causes.map((cause) => ({
    name: `plan change corrected, ${cause}, ${language}`,
    template: 'plan-change-corrected-email',
    language,
    write: (fields = {}) => corrected(language, { cause, ...fields }),
  })),
  ...corrections.map((correction) => ({
    name: `agent of record corrected, ${JSON.stringify(correction)}, ${language}`,
    template: 'agent-of-record-corrected-email',
    language,
    write: (fields = {}) => agentCorrected(language, { ...correction, ...fields }),
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
    expect(html).toContain(`<html lang="${language}" dir="ltr"`);
  });

  it('A plan-change email is signed by the unit in its subject, its heading and its small print', () => {
    const unit = { en: 'Plan Change Services', es: 'Servicios de cambio de plan' }[language as 'en' | 'es'];
    const smallPrint = {
      en: '\n--\nThis message from Plan Change Services comes from a mailbox that nobody reads. Please do not reply to it.\nConfidential: this message is meant only for the person it is addressed to. If it came to you by mistake, please tell us at 1-855-649-5105 and delete it.\n',
      es: '\n--\nEste mensaje de Servicios de cambio de plan viene de un buzón que nadie revisa. Por favor, no lo conteste.\nConfidencial: este mensaje es solo para la persona a quien va dirigido. Si lo recibió por error, avísenos al 1-855-649-5105 y bórrelo.\n',
    }[language as 'en' | 'es'];

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

    expect(html).not.toMatch(/<(a|img|script|link|iframe|form)\b/i);
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
  /** What stands still in the texts of a template, in both languages: the parts between the values. */
  function fixedParts(template: string): readonly string[] {
    const prefix = `emails.${template.replace(/-email$/, '')}.`;
    return languages
      .map((language) => join(projectRoot, 'brand/default/locales', `${language}.json`))
      .flatMap((file) => [...catalogOf(JSON.parse(readFileSync(file, 'utf8')))])
      .filter(([key]) => key.startsWith(prefix))
      .flatMap(([, text]) => [text].flat())
      .flatMap((text) => text.split(/\{\{[^}]*\}\}/))
      .filter((part) => part.trim() !== '');
  }

  it.each([
    ['plan-change-completed-email', 20],
    ['agent-of-record-email', 40],
    ['plan-change-waiting-email', 20],
    ['plan-change-held-email', 25],
    ['plan-change-corrected-email', 35],
    ['agent-of-record-corrected-email', 45],
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

it('planChangeLine is the published number of the Dedicated Plan Change line', () => {
  expect(planChangeLine).toBe('1-855-649-5105');
});
