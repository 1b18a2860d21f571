import type { Recipient } from '../../src/activities/ports';
import { createEmailTemplates } from '../../src/adapters/email-templates';

const AT = Date.UTC(2026, 10, 22, 20, 27);
const templates = createEmailTemplates();

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

describe('the email with an access code', () => {
  it('shows the code in both forms, and until when it works', () => {
    const { text, html } = invitation();

    expect(text).toContain('    T2345-6789-BCDF-GHJK');
    expect(html).toContain('T2345-6789-BCDF-GHJK');
    expect(text).toContain('It works once, for this email address, until 3:27 PM EST on November 22, 2026.');
  });

  it('does not tell the code in its subject', () => {
    expect(invitation().subject).toBe('Broker Portal: your access code');
  });

  it('speaks Spanish', () => {
    expect(invitation({ language: 'es' }).text).toMatch(
      /Sirve una sola vez[^]*hasta las 3:27 p\. ?m\. EST del 22 de noviembre de 2026/,
    );
  });
});

describe('the notice of a username that was looked up', () => {
  it('says when, and whom to call, and does not tell the username', () => {
    const { text } = reminded();

    expect(text).toContain('on November 22, 2026 at 3:27 PM EST');
    expect(text).toContain('877.454.0923');
    expect(text).not.toContain('dana.reed');
  });

  it('speaks Spanish', () => {
    expect(reminded({ language: 'es' }).text).toContain('Se consultó su nombre de usuario');
  });
});

it.each([
  ['access code', invitation],
  ['username', reminded],
])('the %s email has no link and escapes names', (_kind, email) => {
  const { html, text } = email({ firstName: '<b>O"Brien & Sons' });

  expect(html).not.toMatch(/<a |href|http|www\./);
  expect(text).not.toMatch(/http|www\./);
  expect(html).not.toContain('<b>O');
  expect(html).toContain('&lt;b&gt;O');
});
