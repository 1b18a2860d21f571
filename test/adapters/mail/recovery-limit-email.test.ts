import { createEmailTemplates } from '../../../src/adapters/mail/templates';
import type { Language, Portal } from '../../../src/domain/portal';
import { brand } from '../../support/brand';

const AT = Date.UTC(2026, 10, 22, 20, 27);

const email = (portal: Portal, language: Language) =>
  createEmailTemplates(brand).recoveryLimitReached({
    recipient: {
      accountId: 'a1',
      portal,
      email: 'ana@example.com',
      firstName: 'Ana',
      username: 'ana.ruiz',
      language,
    },
    reachedAtMs: AT,
  });

it('The recovery-limit email says when the last try failed, that signing in still works, and whom to call', () => {
  const { subject, text } = email('member', 'en');

  expect(subject).toBe('Member Portal: no tries are left to reset your password');
  expect(text.replaceAll(/\s+/g, ' ')).toMatch(
    /On November 22, 2026 at 3:27 PM EST the last of the tries was wrong.*sign in with it as always.*855-221-0273.*try again right away/,
  );
});

it('The recovery-limit email in Spanish gives the phone number of the recipient’s portal', () => {
  const { subject, text } = email('broker', 'es');

  expect(subject).toBe('Portal de agentes: no quedan intentos para restablecer su contraseña');
  expect(text.replaceAll(/\s+/g, ' ')).toMatch(/El 22 de noviembre de 2026 a las 3:27.*877\.454\.0923/);
});

it('The recovery-limit email does not reveal the username', () => {
  expect(email('member', 'en').text).not.toContain('ana.ruiz');
});
