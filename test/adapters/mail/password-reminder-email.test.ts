import type { Recipient } from '../../../src/ports/mail';
import { createEmailTemplates } from '../../../src/adapters/mail/templates';
import type { Language } from '../../../src/domain/portal';
import { DAY_MS, HOUR_MS, MINUTE_MS } from '../../../src/domain/time';
import { brand, portalPolicies } from '../../support/brand';

const templates = createEmailTemplates(brand);
const languages: Language[] = ['en', 'es'];
/** 3:12 PM in New York, on a Monday in winter. */
const endsAtMs = Date.UTC(2026, 1, 23, 20, 12);

function recipient(fields: Partial<Recipient> = {}): Recipient {
  return {
    accountId: 'account-1',
    portal: 'broker',
    email: 'dana.reed@example.com',
    firstName: 'Dana',
    username: 'dreed77',
    language: 'en',
    ...fields,
  };
}

interface Times {
  readonly expiresAtMs?: number;
  readonly nowMs?: number;
}

function reminder(fields: Partial<Recipient> = {}, { expiresAtMs = endsAtMs, nowMs }: Times = {}) {
  return templates.passwordReminder({
    recipient: recipient(fields),
    timeZone: 'America/New_York',
    expiresAtMs,
    nowMs: nowMs ?? expiresAtMs - 7 * DAY_MS,
  });
}

/** What a reader sees of the HTML, spaces shrunk. */
function visibleText(html: string): string {
  return html
    .replace(/<head>[^]*<\/head>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&#39;/g, "'")
    .replace(/\s+/g, ' ');
}

describe('Days left in the password reminder', () => {
  it.each([
    [14, 'in 14 days'],
    [7, 'in 7 days'],
    [2, 'in 2 days'],
    [1, 'tomorrow'],
    [0, 'today'],
  ])('The password reminder says %i days before how soon the password ends, in English', (days, left) => {
    const { subject, text } = reminder({ language: 'en' }, { nowMs: endsAtMs - days * DAY_MS });

    expect(subject).toBe(`Broker Portal: your password ends ${left}`);
    expect(text).toContain(`\nYour password ends ${left}\n`);
    expect(text).toContain(
      `\nYour password for the Broker Portal ends ${left}: on Monday, February 23, 2026 at 3:12 PM EST.\n`,
    );
  });

  it.each([
    [14, 'en 14 días'],
    [7, 'en 7 días'],
    [2, 'en 2 días'],
    [1, 'mañana'],
    [0, 'hoy'],
  ])('The password reminder says %i days before how soon the password ends, in Spanish', (days, left) => {
    const { subject, text } = reminder({ language: 'es' }, { nowMs: endsAtMs - days * DAY_MS });

    expect(subject).toBe(`Portal de agentes: su contraseña vence ${left}`);
    expect(text).toContain(`\nSu contraseña vence ${left}\n`);
    expect(text).toContain(
      `\nSu contraseña del Portal de agentes vence ${left}: el lunes 23 de febrero de 2026 a las 3:12 p.m. EST.\n`,
    );
  });

  it.each(languages)('The password reminder never gives one day or none as a number (%s)', (language) => {
    const tomorrow = reminder({ language }, { nowMs: endsAtMs - DAY_MS });
    const today = reminder({ language }, { nowMs: endsAtMs - HOUR_MS });

    expect(JSON.stringify([tomorrow, today])).not.toMatch(/\b[01] (days?|días?)(?!\p{L})/u);
  });

  it('The password reminder counts the days left when it is sent, however late that is', () => {
    const dueAtMs = endsAtMs - 14 * DAY_MS;

    const threeDaysLate = reminder({ language: 'en' }, { nowMs: dueAtMs + 3 * DAY_MS });
    const dayBeforeLate = reminder({ language: 'es' }, { nowMs: endsAtMs - 10 * HOUR_MS });

    expect(threeDaysLate.subject).toBe('Broker Portal: your password ends in 11 days');
    expect(threeDaysLate.text).not.toContain('14');
    expect(dayBeforeLate.subject).toBe('Portal de agentes: su contraseña vence hoy');
    expect(dayBeforeLate.text).not.toContain('mañana');
  });

  it('The password reminder counts midnights in the portal’s time zone, not spans of 24 hours', () => {
    const midnightMs = Date.UTC(2026, 1, 23, 5);

    const before = reminder({}, { nowMs: midnightMs - 1 });
    const after = reminder({}, { nowMs: midnightMs });

    expect(before.subject).toContain('ends tomorrow');
    expect(after.subject).toContain('ends today');
  });

  it('The password reminder counts a day of 23 hours and one of 25 as one day', () => {
    const shortDay = {
      nowMs: Date.UTC(2026, 2, 8, 5, 30),
      expiresAtMs: Date.UTC(2026, 2, 9, 4, 10),
    };
    const longDay = {
      nowMs: Date.UTC(2026, 10, 1, 4, 10),
      expiresAtMs: Date.UTC(2026, 10, 2, 4, 50),
    };

    const acrossShortDay = reminder({}, shortDay).text;
    const withinLongDay = reminder({}, longDay).text;

    expect(acrossShortDay).toContain('ends tomorrow: on Monday, March 9, 2026 at 12:10 AM EDT.');
    expect(withinLongDay).toContain('ends today: on Sunday, November 1, 2026 at 11:50 PM EST.');
  });

  it('The password reminder says "today" when it is written after the password ended', () => {
    const { subject } = reminder({}, { nowMs: endsAtMs + 3 * DAY_MS });

    expect(subject).toBe('Broker Portal: your password ends today');
  });
});

describe('Time of expiry in the password reminder', () => {
  it.each([
    [
      'before the clocks go forward',
      Date.UTC(2026, 2, 8, 6, 59),
      'on Sunday, March 8, 2026 at 1:59 AM EST.',
      'el domingo 8 de marzo de 2026 a la 1:59 a.m. EST.',
    ],
    [
      'once they have gone forward',
      Date.UTC(2026, 2, 8, 7),
      'on Sunday, March 8, 2026 at 3:00 AM EDT.',
      'el domingo 8 de marzo de 2026 a las 3:00 a.m. EDT.',
    ],
    [
      'before the clocks go back',
      Date.UTC(2026, 10, 1, 5, 30),
      'on Sunday, November 1, 2026 at 1:30 AM EDT.',
      'el domingo 1 de noviembre de 2026 a la 1:30 a.m. EDT.',
    ],
    [
      'in the hour that comes again',
      Date.UTC(2026, 10, 1, 6, 30),
      'on Sunday, November 1, 2026 at 1:30 AM EST.',
      'el domingo 1 de noviembre de 2026 a la 1:30 a.m. EST.',
    ],
    [
      'on a leap day',
      Date.UTC(2028, 1, 29, 20, 12),
      'on Tuesday, February 29, 2028 at 3:12 PM EST.',
      'el martes 29 de febrero de 2028 a las 3:12 p.m. EST.',
    ],
    [
      'on the day before the one that UTC has already',
      Date.UTC(2026, 0, 1, 4, 59, 59),
      'on Wednesday, December 31, 2025 at 11:59 PM EST.',
      'el miércoles 31 de diciembre de 2025 a las 11:59 p.m. EST.',
    ],
  ])(
    'The password reminder writes out in both languages a time of expiry %s',
    (_when, expiresAtMs, english, spanish) => {
      const inEnglish = reminder({ language: 'en' }, { expiresAtMs }).text;
      const inSpanish = reminder({ language: 'es' }, { expiresAtMs }).text;

      expect(inEnglish).toContain(english);
      expect(inSpanish).toContain(spanish);
    },
  );

  it('The password reminder counts a leap day among the days left', () => {
    const times = { nowMs: Date.UTC(2028, 1, 23, 20), expiresAtMs: Date.UTC(2028, 2, 8, 20) };

    const { text } = reminder({}, times);

    expect(text).toContain('ends in 14 days: on Wednesday, March 8, 2028 at 3:00 PM EST.');
  });

  it('The Spanish password reminder uses the article "la" for one o’clock', () => {
    const expiresAtMs = endsAtMs - 2 * HOUR_MS - 7 * MINUTE_MS;

    const { text } = reminder({ language: 'es' }, { expiresAtMs });

    expect(text).toContain('el lunes 23 de febrero de 2026 a la 1:05 p.m. EST.');
  });
});

describe('Advice in the password reminder', () => {
  it('The password reminder says what happens when the password ends, what to do, and how to be careful', () => {
    const english = reminder({ language: 'en' }).text;
    const spanish = reminder({ language: 'es' }).text;

    for (const part of [
      'signing in asks you for a new password, and open sessions end. Nothing else is lost.',
      'Sign in and change your password, or choose “Forgot password”',
      'changing it now starts a new period and ends these reminders',
      'This message has no links.',
      'Nobody will ask you for it, by phone or by email.',
    ]) {
      expect(english).toContain(part);
    }
    for (const part of [
      'se le pedirá una contraseña nueva y se cerrarán las sesiones abiertas. No se pierde nada más.',
      'Inicie sesión y cambie su contraseña, o elija “Olvidé mi contraseña”',
      'si la cambia ahora, empieza un nuevo plazo y terminan estos recordatorios',
      'Este mensaje no tiene enlaces.',
      'Nadie se la pedirá, ni por teléfono ni por correo.',
    ]) {
      expect(spanish).toContain(part);
    }
  });

  it('The password reminder says how many of the last passwords cannot be used again', () => {
    const { historyLength } = portalPolicies.broker.password;

    const english = reminder({ language: 'en' }).text;
    const spanish = reminder({ language: 'es' }).text;

    expect(english).toContain(`your last ${historyLength} passwords`);
    expect(spanish).toContain(`sus últimas ${historyLength} contraseñas`);
  });

  it('The password reminder names the portal and the help line, both for members and for brokers', () => {
    const member = reminder({ portal: 'member', language: 'es' });
    const broker = reminder({ portal: 'broker', language: 'en' });

    expect(member.subject).toContain('Portal de miembros');
    expect(member.text).toContain('Llame al 855-221-0273 (las 24 horas, los 7 días de la semana).');
    expect(broker.subject).toContain('Broker Portal');
    expect(broker.text).toContain('Call 877.454.0923 (during business hours).');
  });

  it.each(languages)('The password reminder does not say how long a password lives (%s)', (language) => {
    const member = reminder({ portal: 'member', language });
    const broker = reminder({ portal: 'broker', language });

    expect(member.text + broker.text).not.toMatch(/\b90\b|null|undefined/);
  });
});

describe.each(languages)('Password reminder in the language "%s"', (language) => {
  it('The password reminder says the same in text and in HTML', () => {
    const { text, html } = reminder({ language });

    const seen = visibleText(html).toLowerCase();

    expect(html).toContain(`<html lang="${language}" dir="ltr"`);
    for (const line of text.split('\n')) {
      expect(seen).toContain(line.replace(/^\s*(-- ?|- )?/, '').toLowerCase());
    }
  });

  it('The password reminder contains no links and nothing that a mail client turns into a link', () => {
    const { subject, text, html } = reminder({ language });

    expect(html).not.toMatch(/<(a|img|script|link|iframe|form)\b/i);
    expect(html).not.toMatch(/\b(href|src|background)\s*=|url\(/i);
    for (const part of [subject, text, visibleText(html)]) {
      expect(part).not.toMatch(/www\.|http|:\/\/|@|[a-z]{2,}\.[a-z]{2,}/i);
    }
  });

  it('The password reminder escapes a first name that looks like HTML', () => {
    const { text, html } = reminder({ language, firstName: '<b>O\'Dwyer & Sons"' });

    expect(text).toContain('<b>O\'Dwyer & Sons"');
    expect(html).toContain('&lt;b&gt;O&#39;Dwyer &amp; Sons&quot;');
    expect(html).not.toContain('<b>');
  });

  it('The password reminder contains neither the username nor the email address nor the account id', () => {
    const email = JSON.stringify(reminder({ language }));

    for (const secret of ['dreed77', 'dana.reed', 'account-1']) expect(email).not.toContain(secret);
  });
});
