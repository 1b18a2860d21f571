import * as fc from 'fast-check';
import type { Recipient } from '../../../src/ports/mail';
import { createEmailTemplates } from '../../../src/adapters/mail/templates';
import type { Language } from '../../../src/domain/portal';
import { MINUTE_MS } from '../../../src/domain/time';
import { loadBrand } from '../../../src/adapters/brand/load-brand';
import { brand, brandFolder, portalPolicies } from '../../support/brand';

const templates = createEmailTemplates(brand);
const languages: Language[] = ['en', 'es'];
/** 1:57 PM in New York, in winter. */
const madeAtMs = Date.UTC(2019, 10, 22, 18, 57);
const pin = '0785';

function recipient(fields: Partial<Recipient> = {}): Recipient {
  return {
    accountId: 'account-1',
    portal: 'member',
    email: 'maria.silva@example.com',
    firstName: 'María',
    username: 'msilva77',
    language: 'en',
    ...fields,
  };
}

function pinEmail(
  fields: Partial<Recipient> = {},
  { nowMs = madeAtMs, expiresAtMs = madeAtMs + 90 * MINUTE_MS } = {},
) {
  return templates.pin({ recipient: recipient(fields), pin, madeAtMs, expiresAtMs, nowMs });
}

function changedEmail(fields: Partial<Recipient> = {}, changedAtMs = madeAtMs) {
  return templates.passwordChanged({ recipient: recipient(fields), changedAtMs });
}

const emails = languages.flatMap((language) => [
  {
    name: `PIN, ${language}`,
    language,
    write: (fields?: Partial<Recipient>) => pinEmail({ ...fields, language }),
  },
  {
    name: `password changed, ${language}`,
    language,
    write: (fields?: Partial<Recipient>) => changedEmail({ ...fields, language }),
  },
]);

/** What a reader sees of the HTML, spaces shrunk. */
function visibleText(html: string): string {
  return html
    .replace(/<head>[^]*<\/head>/, '')
    .replace(/<[^>]*>/g, ' ')
    .replace(/&lt;/g, '<')
    .replace(/&gt;/g, '>')
    .replace(/&quot;/g, '"')
    .replace(/&#39;/g, "'")
    .replace(/&amp;/g, '&')
    .replace(/\s+/g, ' ');
}

describe.each(emails)('Every email ($name)', ({ language, write }) => {
  it('An email says the same in text and in HTML', () => {
    const { text, html } = write();

    const seen = visibleText(html).toLowerCase();

    for (const line of text.split('\n')) {
      expect(seen).toContain(line.replace(/^\s*(-- ?|- )?/, '').toLowerCase());
    }
  });

  it('An email greets the recipient by first name and declares its language in the HTML', () => {
    const { text, html } = write();

    expect(text).toContain(language === 'en' ? 'Hello María,' : 'Hola, María:');
    expect(html).toContain(`<html lang="${language}" dir="ltr"`);
  });

  it('An email names the portal and its help line, and says that nobody reads its mailbox and it is confidential', () => {
    const policy = portalPolicies.member;

    const { subject, text } = write();

    expect(subject).toContain(policy.name[language]);
    expect(text).toContain(policy.emailHelpLine.phone);
    expect(text).toContain(policy.emailHelpLine.hours[language]);
    expect(text).toMatch(language === 'en' ? /mailbox that nobody reads/ : /buzón que nadie revisa/);
    expect(text).toMatch(language === 'en' ? /^Confidential:/m : /^Confidencial:/m);
  });

  it('An email contains no links, images or remote content, and nothing that a mail client turns into a link', () => {
    const { subject, text, html } = write();

    expect(html).not.toMatch(/<(a|img|script|link|iframe|form)\b/i);
    expect(html).not.toMatch(/\b(href|src|background)\s*=|url\(/i);
    for (const part of [subject, text, visibleText(html)]) {
      expect(part).not.toMatch(/www\.|http|:\/\/|@|[a-z]{2,}\.[a-z]{2,}/i);
    }
  });

  it('An email contains neither the email address nor the username nor the account id', () => {
    const email = JSON.stringify(write());

    for (const secret of ['maria.silva', 'msilva77', 'account-1']) expect(email).not.toContain(secret);
  });

  it('An email escapes a first name that looks like HTML', () => {
    const { text, html } = write({ firstName: '<b>O\'Dwyer & Sons"' });

    expect(text).toContain('<b>O\'Dwyer & Sons"');
    expect(html).toContain('&lt;b&gt;O&#39;Dwyer &amp; Sons&quot;');
    expect(html).not.toContain('<b>');
  });

  it.each(['evil.example', 'visit www.evil', 'https://evil', 'x@evil', '', ' \u202e ', 'x'.repeat(61)])(
    'An email greets without a name when the first name is %j',
    (firstName) => {
      const { text } = write({ firstName });

      expect(text).toMatch(language === 'en' ? /^Hello,$/m : /^Hola:$/m);
    },
  );

  it('An email keeps the first name on one line, whatever characters it contains', () => {
    const plain = write();

    const { subject, text, html } = write({
      firstName: 'Ma\r\n\r\nBcc: x\u2028\u0085\0\u202eevil\u2066\ud800',
    });

    expect(subject).toBe(plain.subject);
    expect(text.split('\n')).toHaveLength(plain.text.split('\n').length);
    expect(text).toMatch(/Ma Bcc: x evil[,:]/);
    expect(html.split('\n')).toHaveLength(plain.html.split('\n').length);
  });

  it('An email has the same elements and lines for every first name', () => {
    const shape = ({ text, html }: { text: string; html: string }) => [
      html.replace(/>[^<]*</g, '><'),
      text.split('\n').length,
    ];
    const expected = shape(write());

    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 80 }), (firstName) => {
        const email = write({ firstName });

        expect(shape(email)).toEqual(expected);
        expect(email.text).not.toMatch(/(?!\n)[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/u);
      }),
    );
  });
});

describe('PIN email', () => {
  it.each(languages)(
    'The PIN email shows the PIN once in text and once in HTML, and never in the subject (%s)',
    (language) => {
      const { subject, text, html } = pinEmail({ language });

      expect(subject).not.toMatch(/\d/);
      expect(text.split(pin)).toHaveLength(2);
      expect(html.split(pin)).toHaveLength(2);
    },
  );

  it('The PIN email states the 90 minutes and their end in the portal’s time zone', () => {
    expect(pinEmail().text).toContain(
      'The PIN is good for 90 minutes from when it was made: until 3:27 PM EST on November 22.',
    );
    expect(pinEmail({ language: 'es' }).text).toContain(
      'El PIN es válido durante 90 minutos desde que se generó: hasta las 3:27 p.m. EST del 22 de noviembre.',
    );
  });

  it('The PIN email writes a time in summer as EDT', () => {
    const expiresAtMs = Date.UTC(2026, 6, 1, 3, 59, 59);

    const { text } = pinEmail({}, { expiresAtMs, nowMs: expiresAtMs - 90 * MINUTE_MS });

    expect(text).toContain('until 11:59 PM EDT on June 30.');
  });

  it('The Spanish PIN email uses the article "la" for one o’clock', () => {
    const expiresAtMs = Date.UTC(2019, 10, 22, 18, 5);

    const { text } = pinEmail({ language: 'es' }, { expiresAtMs, nowMs: expiresAtMs - 90 * MINUTE_MS });

    expect(text).toContain('hasta la 1:05 p.m. EST del 22 de noviembre.');
  });

  it.each([
    [
      90 * MINUTE_MS,
      'good for 90 minutes from when it was made',
      'válido durante 90 minutos desde que se generó',
    ],
    [
      89 * MINUTE_MS + 1,
      'good for 90 minutes from when it was made',
      'válido durante 90 minutos desde que se generó',
    ],
    [89 * MINUTE_MS, '89 minutes remained', 'quedaban 89 minutos'],
    [37 * MINUTE_MS + 59_999, '37 minutes remained', 'quedaban 37 minutos'],
    [MINUTE_MS, '1 minute remained', 'quedaba 1 minuto:'],
    [MINUTE_MS - 1, 'less than 1 minute remained', 'quedaba menos de 1 minuto'],
  ])('The PIN email sent with %i ms left states the remaining time', (leftMs, english, spanish) => {
    const times = { expiresAtMs: madeAtMs + 90 * MINUTE_MS, nowMs: madeAtMs + 90 * MINUTE_MS - leftMs };

    const inEnglish = pinEmail({ language: 'en' }, times).text;
    const inSpanish = pinEmail({ language: 'es' }, times).text;

    expect(inEnglish).toContain(english);
    expect(inEnglish).toContain('until 3:27 PM EST on November 22.');
    expect(inSpanish).toContain(spanish);
    expect(inSpanish).toContain('hasta las 3:27 p.m. EST del 22 de noviembre.');
    if (leftMs <= 89 * MINUTE_MS) expect(inEnglish + inSpanish).not.toContain('90');
  });

  it('The PIN email says what the PIN is for, what to do if the page was closed, and how to keep the PIN safe', () => {
    const english = pinEmail().text;
    const spanish = pinEmail({ language: 'es' }).text;

    for (const part of [
      'choose a new password or to see your user ID',
      '4-digit PIN',
      'still works',
      'sign-in page',
      '“Forgot password” or “Forgot user ID”',
      'only the newest PIN works',
      'Nobody will ask you for it',
      'ignore this message',
    ]) {
      expect(english).toContain(part);
    }
    for (const part of [
      'elegir una nueva contraseña o ver su ID de usuario',
      'PIN de 4 dígitos',
      'sigue siendo válido',
      'página de inicio de sesión',
      '“Olvidé mi contraseña” u “Olvidé mi ID de usuario”',
      'solo funciona el PIN más reciente',
      'Nadie se lo pedirá',
      'ignore este mensaje',
    ]) {
      expect(spanish).toContain(part);
    }
  });

  it('The PIN email states the number of digits and the lifetime of its PIN', () => {
    const longer = { recipient: recipient(), pin: '123456', madeAtMs, nowMs: madeAtMs };
    const { text } = templates.pin({ ...longer, expiresAtMs: madeAtMs + 45 * MINUTE_MS });

    expect(text).toContain('this 6-digit PIN');
    expect(text).toContain('The PIN is good for 45 minutes');
  });
});

describe('Password-changed notice', () => {
  it('The password-changed notice states the time of the change in the portal’s time zone', () => {
    expect(changedEmail().text).toContain(
      'The password of your Member Portal account was changed on November 22, 2019 at 1:57 PM EST.',
    );
    expect(changedEmail({ language: 'es' }).text).toContain(
      'La contraseña de su cuenta del Portal de miembros se cambió el 22 de noviembre de 2019 a la 1:57 p.m. EST.',
    );
  });

  it('The password-changed notice says that other sessions ended, and whom to call if it was somebody else', () => {
    expect(changedEmail().text).toMatch(/session[^]*signed out[^]*Call us right away: 855-221-0273/);
    expect(changedEmail({ language: 'es' }).text).toMatch(
      /cerraron[^]*sesiones[^]*Llámenos de inmediato: 855-221-0273/,
    );
  });

  it('The password-changed notice does not mention a PIN', () => {
    expect(JSON.stringify([changedEmail(), changedEmail({ language: 'es' })])).not.toContain('PIN');
  });

  it('The password-changed notice to a broker names the Broker Portal and its phone number', () => {
    const { subject, text } = changedEmail({ portal: 'broker' });

    expect(subject).toContain('Broker Portal');
    expect(text).toContain('877.454.0923 (during business hours)');
  });
});

describe('in a brand whose first language is Spanish', () => {
  const spanishFirst = createEmailTemplates(
    loadBrand(brandFolder({ 'portal.yaml': { languages: ['es', 'en'] } })),
  );
  const agent = (language: Language | null) => ({ email: 'gus@example.com', firstName: 'Gus', language });

  it.each([
    ['who has no account, and never chose a language,', null, 'es'],
    ['whose language the brand has no more', 'fr', 'es'],
    ['who chose English', 'en', 'en'],
  ])('an agent %s is written to in the first one unless it is theirs', (_who, language, expected) => {
    const email = spanishFirst.agentOfRecord({
      recipient: agent(language),
      customerId: 'C-1',
      change: 'gained',
      reason: 'external-agent-facilitated',
      effectiveOn: '2027-01-01',
    });

    expect(email.language).toBe(expected);
    expect(email.html).toContain(`lang="${expected}"`);
  });
});
