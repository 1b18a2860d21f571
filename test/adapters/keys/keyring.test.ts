import { randomBytes } from 'node:crypto';
import { createKeyring } from '../../../src/adapters/keys/keyring';
import { parseAccessCode } from '../../../src/domain/accounts/access-code';

const pepper = (id: string) => ({ id, key: randomBytes(32) });
const old = pepper('2025');
const current = pepper('2026');

describe('Keyring', () => {
  it('A keyring derives the same PIN for the same reset and sequence number, and different PINs for others', () => {
    const keyring = createKeyring([current]);
    const pins = Array.from({ length: 200 }, (_, sequence) => keyring.pin('2026', 'reset', sequence, 4));

    expect(keyring.pin('2026', 'reset', 7, 4)).toBe(pins[7]);
    expect(new Set(pins).size).toBeGreaterThan(150);
  });

  it('A keyring still opens and finds what an older pepper made, while its current pepper is the new one', () => {
    const before = createKeyring([old]);
    const sealed = before.seal('flow-token', 'secret');
    const subject = before.subjectKey('2025', 'member', 'maria@example.com');

    const after = createKeyring([current, old]);

    expect(after.currentId).toBe('2026');
    expect(after.open('flow-token', sealed)).toBe('secret');
    expect(after.subjectKey('2025', 'member', 'maria@example.com')).toBe(subject);
    expect(after.subjectKey('2026', 'member', 'maria@example.com')).not.toBe(subject);
  });

  it('A keyring’s subject keys have 22 safe characters and differ by portal', () => {
    const keyring = createKeyring([current]);

    expect(keyring.subjectKey('2026', 'member', 'a')).toMatch(/^[\w-]{22}$/);
    expect(keyring.subjectKey('2026', 'member', 'a')).not.toBe(keyring.subjectKey('2026', 'broker', 'a'));
  });

  it('A keyring does not open a value that was sealed for another purpose or by another key, or tampered with', () => {
    const keyring = createKeyring([current]);
    const sealed = keyring.seal('flow-token', 'secret');
    const [id, body = ''] = sealed.split('.');

    expect(keyring.open('idempotency', sealed)).toBeNull();
    expect(createKeyring([pepper('2026')]).open('flow-token', sealed)).toBeNull();
    expect(
      keyring.open('flow-token', `${id}.${body.startsWith('A') ? 'B' : 'A'}${body.slice(1)}`),
    ).toBeNull();
    expect(keyring.open('flow-token', `${id}.`)).toBeNull();
    expect(keyring.open('flow-token', '')).toBeNull();
  });

  it('A keyring names the TENURE_PEPPERS setting when a pepper that is still needed is missing', () => {
    expect(() => createKeyring([current]).pin('2025', 'reset', 1, 4)).toThrow(/TENURE_PEPPERS/);
  });

  it('A keyring’s SSN digests depend on the digits and the pepper, and differ from other digests of the same text', () => {
    const keyring = createKeyring([current, old]);
    const digest = keyring.ssnDigest('2026', '904417');

    expect(digest).toMatch(/^[\w-]{43}$/);
    expect(keyring.ssnDigest('2026', '904417')).toBe(digest);
    const others = [
      keyring.ssnDigest('2026', '904418'),
      keyring.ssnDigest('2025', '904417'),
      keyring.keyedDigest('904417'),
    ];
    expect(others).not.toContain(digest);
  });

  it('A keyring derives an invitation’s access code from its id, and looks it up by a digest that hides it', () => {
    const keyring = createKeyring([current, old]);
    const code = keyring.invitationCode('2026', 'invitation');

    expect(parseAccessCode(code)).toEqual({ kind: 'invitation', code });
    expect(keyring.invitationCode('2026', 'invitation')).toBe(code);
    expect(keyring.invitationCode('2025', 'invitation')).not.toBe(code);
    expect(keyring.invitationCode('2026', 'another')).not.toBe(code);
    expect(keyring.invitationCodeDigest(code)).not.toContain(code);
    expect(keyring.invitationCodeDigest(code)).not.toBe(keyring.tokenDigest(code));
  });

  it('A keyring finds session tokens by the same digest after the current pepper changes', () => {
    const digest = createKeyring([old]).tokenDigest('token');

    expect(createKeyring([current, old]).tokenDigest('token')).toBe(digest);
  });
});
