import type { AuditEvent } from '../../../src/contracts/audit';
import { DAY_MS } from '../../../src/domain/time';
import { startApi, type Api } from '../api';
import { goodFields, register, registerWith, rightCode, verify } from '../registration/broker-calls';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

const from = { 'x-forwarded-for': '192.0.2.7' };
const right = { username: 'maria.lopez', password: 'Sunny_day7' };
const signIn = (body: object, portal = 'member'): ReturnType<Api['call']> =>
  api.call('POST', `/v1/portals/${portal}/sessions`, { body, headers: from });

/** The event as it is written, without the time. */
const event = (action: string, outcome: string, accountId?: string): Partial<AuditEvent> =>
  ({
    atMs: api.nowMs.value,
    action,
    outcome,
    address: '192.0.2.7',
    ...(accountId !== undefined && { accountId }),
  }) as Partial<AuditEvent>;

describe('Audit log', () => {
  it('The audit log records signing in and signing out', async () => {
    const { id } = api.accounts.add();
    const { body } = await signIn(right);
    await api.call('DELETE', '/v1/session', { token: body.token, headers: from });

    expect(api.events).toEqual([event('signed-in', 'success', id), event('signed-out', 'success', id)]);
  });

  it('The audit log records a failed sign-in once, whether the person is known or not', async () => {
    const { id } = api.accounts.add();
    await signIn({ ...right, password: 'Wrong_day7' });
    await signIn({ ...right, username: 'nobody' });

    expect(api.events).toEqual([
      event('sign-in-refused', 'credentials_wrong', id),
      event('sign-in-refused', 'credentials_wrong'),
    ]);
  });

  it('The audit log records sign-ins refused for an expired password or for too many tries', async () => {
    const { id } = api.accounts.add({ portal: 'broker', setAtMs: api.nowMs.value - 90 * DAY_MS });
    await signIn(right, 'broker');
    api.limiter.sizes['wrong-passwords'] = 0;
    await signIn(right, 'broker');

    expect(api.events).toEqual([
      event('sign-in-refused', 'password_expired', id),
      event('sign-in-refused', 'too_many_requests'),
    ]);
  });

  it('The audit log records passwords that a reset refused, with the broken rules', async () => {
    const { id } = api.accounts.add();
    const { path, token } = await api.open('maria@example.com', { pin: '1785' });
    const used = { password: 'Sunny_day7', confirmation: 'Sunny_day7' };
    api.events.length = 0;

    await api.call('POST', `${path}/password`, { token, body: used, headers: from });
    await api.call('POST', `${path}/password`, {
      token,
      body: { password: 'Short1', confirmation: 'Other1' },
      headers: from,
    });

    expect(api.events).toEqual([
      { ...event('password-reset', 'password_refused', id), about: 'used_before' },
      { ...event('password-reset', 'password_refused', id), about: 'too_short not_equal' },
    ]);
  });

  it('The API audits refused password changes; a completed one is audited where it is stored', async () => {
    const { id } = api.accounts.add();
    const change = {
      ...right,
      currentPassword: 'Sunny_day7',
      password: 'Rainy_day8',
      confirmation: 'Rainy_day8',
    };
    const post = (body: object): ReturnType<Api['call']> =>
      api.call('POST', '/v1/portals/member/password-changes', { body, headers: from });
    await post({ ...change, currentPassword: 'Wrong_day7' });
    await post({ ...change, password: 'x', confirmation: 'x' });
    await post(change);

    expect(api.events).toEqual([
      event('password-changed', 'credentials_wrong', id),
      { ...event('password-changed', 'password_refused', id), about: 'too_short digit_missing' },
    ]);
    expect(api.replaced).toHaveLength(1);
  });

  it('The audit log records opened resets and their proofs, refused or accepted, with the account', async () => {
    const { id } = api.accounts.add();
    const { body } = await api.call('POST', '/v1/portals/member/password-resets', {
      body: { email: 'maria@example.com' },
      headers: from,
    });
    const prove = (pin: string): ReturnType<Api['call']> =>
      api.call('POST', `/v1/password-resets/${body.id}/pin`, {
        token: body.token,
        body: { pin },
        headers: from,
      });
    await prove('0000');
    await prove('1785');

    expect(api.events).toEqual([
      event('reset-opened', 'success', id),
      event('proof-refused', 'pin_wrong', id),
      event('proof-accepted', 'success', id),
    ]);
  });

  it('The audit log records a reset of an unknown person without an account', async () => {
    await api.call('POST', '/v1/portals/member/password-resets', {
      body: { email: 'nobody@example.com' },
      headers: from,
    });

    expect(api.events).toEqual([event('reset-opened', 'success')]);
  });

  it('The API audits access codes and refused registrations; a completed one is audited where it is stored', async () => {
    api.brokers.addAgent();
    await verify(api, { ...rightCode, lastName: 'Smith' }, from);
    const { body } = await verify(api, rightCode, from);
    await register(api, 'nonsense', {}, from);
    await register(api, body.token, { phone: '1' }, from);
    await register(api, body.token, {}, from);
    await register(api, body.token, {}, from);
    await verify(api, rightCode, from);

    expect(api.events).toEqual([
      event('access-code-refused', 'access_code_refused'),
      event('access-code-accepted', 'success'),
      event('registration-refused', 'unauthorized'),
      event('registration-refused', 'invalid_fields'),
      event('registration-refused', 'already_registered'),
      event('access-code-refused', 'already_registered'),
    ]);
    expect(api.brokers.created[0]?.address).toBe('192.0.2.7');
  });

  it('The audit log has no entry for internal errors and replayed answers', async () => {
    api.accounts.add();
    const create = api.sessions.create;
    api.sessions.create = async () => {
      throw new Error('boom');
    };
    expect(await signIn(right)).toMatchObject({ status: 500 });
    expect(api.events).toEqual([]);

    api.sessions.create = create;
    const again = { body: right, headers: { ...from, 'idempotency-key': 'k' } };
    await api.call('POST', '/v1/portals/member/sessions', again);
    await api.call('POST', '/v1/portals/member/sessions', again);
    expect(api.events).toHaveLength(1);
  });

  it('The audit log contains no secret and nothing that was typed', async () => {
    api.brokers.addAgent();
    await registerWith(api);
    await signIn({ username: goodFields.username, password: 'Wrong_day7' }, 'broker');
    await verify(api, { lastName: 'Smith', accessCode: 'CAB123445567A' });

    expect(JSON.stringify(api.events)).not.toMatch(/seamus|dwyer|smith|sunny|wrong_day|44556|rex|ford/i);
  });
});
