import { refuseUsed } from '../../../src/api/session/chosen-password';
import type { PastPassword } from '../../../src/ports/accounts';
import { portalPolicies } from '../../support/brand';

const MARIA = { id: 'a1', portal: 'member', username: 'maria', firstName: 'M', language: 'en' } as const;

const past = (hash: string, resetId: string | null): PastPassword => ({
  credentialId: `id of ${hash}`,
  hash,
  resetId,
});

const check = (history: readonly PastPassword[], resetId?: string) =>
  refuseUsed(
    {
      accounts: { passwordHistory: async () => history } as never,
      hasher: { verify: async (hash: string, password: string) => hash === password } as never,
      policies: portalPolicies,
    },
    MARIA,
    'Winter2026a',
    resetId,
  );

describe('refuseUsed', () => {
  it('A chosen password is refused if it is the current one or an earlier one', async () => {
    await expect(check([past('Winter2026a', null)])).rejects.toMatchObject({ code: 'password_refused' });
    await expect(check([past('x', null), past('Winter2026a', null)], 'r1')).rejects.toMatchObject({
      code: 'password_refused',
    });
  });

  it('A chosen password that the same reset has already set counts as done', async () => {
    expect(await check([past('Winter2026a', 'r1')], 'r1')).toBe('id of Winter2026a');
  });

  it('A chosen password is refused if another reset has set it', async () => {
    await expect(check([past('Winter2026a', 'r0')], 'r1')).rejects.toMatchObject({
      code: 'password_refused',
    });
  });

  it('A chosen password is accepted if it was never used', async () => {
    expect(await check([past('x', 'r1')], 'r1')).toBeNull();
  });
});
