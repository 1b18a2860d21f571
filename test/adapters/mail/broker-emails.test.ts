import type { Recipient } from '../../../src/ports/mail';
import { createEmailTemplates } from '../../../src/adapters/mail/templates';
import { brand } from '../../support/brand';

const AT = Date.UTC(2026, 10, 22, 20, 27);
const templates = createEmailTemplates(brand);

const recipient = (overrides: Partial<Recipient> = {}): Recipient => ({
  accountId: 'a1',
  portal: 'broker',
  email: 'dana@example.com',
  firstName: 'Dana',
  username: 'dana.reed',
  language: 'en',
  ...overrides,
});

const invitation = (overrides: Partial<Recipient> = {}) =>
  templates.invitation({ recipient: recipient(overrides), code: 'T2345-6789-BCDF-GHJK', expiresAtMs: AT });
const reminded = (overrides: Partial<Recipient> = {}) =>
  templates.usernameReminded({ recipient: recipient(overrides), remindedAtMs: AT });

const registered = (overrides: Partial<Recipient> = {}) =>
  templates.accountRegistered({ recipient: recipient(overrides), agentNumber: 'AB-123', registeredAtMs: AT });
const addressChanged = (overrides: Partial<Recipient> = {}) =>
  templates.addressChanged({ recipient: recipient(overrides), changedAtMs: AT });

describe('Registration notice', () => {
  it('The registration notice gives the writing number, the time and the phone number to call', () => {
    const { subject, text } = registered();

    expect(subject).toBe('Broker Portal: an account was registered under your writing number');
    expect(text).toContain('under the writing number AB-123 on November 22, 2026 at 3:27 PM EST');
    expect(text).toContain('Call us right away: 877.454.0923');
  });

  it('The registration notice reveals neither the username nor the email address of the account', () => {
    expect(registered().text).not.toMatch(/dana\.reed|dana@example/);
  });

  it('The registration notice says what to do in English and in Spanish, whatever the account’s language', () => {
    for (const language of ['en', 'es'] as const) {
      const { text } = registered({ language });

      expect(text).toMatch(/if it was not you/i);
      expect(text).toMatch(/si no fue usted/i);
    }
  });
});

describe('Notice to a former address', () => {
  it('The notice to a former address gives the time and the phone number to call, and reveals no account details', () => {
    const { subject, text } = addressChanged({ portal: 'member' });

    expect(subject).toBe('Member Portal: your email address was changed');
    expect(text).toContain('On November 22, 2026 at 3:27 PM EST your Member Portal account');
    expect(text).toContain('855-221-0273');
    expect(text).not.toMatch(/dana\.reed|@/);
  });

  it('The notice to a former address is in Spanish for a recipient whose language is Spanish', () => {
    const { subject, text } = addressChanged({ portal: 'member', language: 'es' });

    expect(subject).toBe('Portal de miembros: se cambió su dirección de correo');
    expect(text).toContain('SI USTED NO LO PIDIÓ');
  });
});

describe('Access-code email', () => {
  it('The access-code email shows the code in text and in HTML, and says until when it works', () => {
    const { text, html } = invitation();

    expect(text).toContain('    T2345-6789-BCDF-GHJK');
    expect(html).toContain('T2345-6789-BCDF-GHJK');
    expect(text).toContain('It works once, for this email address, until 3:27 PM EST on November 22, 2026.');
  });

  it('The access-code email does not show the code in its subject', () => {
    expect(invitation().subject).toBe('Broker Portal: your access code');
  });

  it('The access-code email is in Spanish for a recipient whose language is Spanish', () => {
    expect(invitation({ language: 'es' }).text).toMatch(
      /Sirve una sola vez[^]*hasta las 3:27 p\. ?m\. EST del 22 de noviembre de 2026/,
    );
  });
});

describe('Username-lookup notice', () => {
  it('The username-lookup notice gives the time and the phone number to call, and does not reveal the username', () => {
    const { text } = reminded();

    expect(text).toContain('on November 22, 2026 at 3:27 PM EST');
    expect(text).toContain('877.454.0923');
    expect(text).not.toContain('dana.reed');
  });

  it('The username-lookup notice is in Spanish for a recipient whose language is Spanish', () => {
    expect(reminded({ language: 'es' }).text).toContain('Se consultó su nombre de usuario');
  });
});

it.each([
  ['access code', invitation],
  ['username', reminded],
  ['registration', registered],
  ['former address', addressChanged],
])('The %s email contains no links and escapes names', (_kind, email) => {
  const { html, text } = email({ firstName: '<b>O"Brien & Sons' });

  expect(html).not.toMatch(/<a |href|http|www\./);
  expect(text).not.toMatch(/http|www\./);
  expect(html).not.toContain('<b>O');
  expect(html).toContain('&lt;b&gt;O');
});
