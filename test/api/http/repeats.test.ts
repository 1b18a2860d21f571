/** Each POST, when it did its work, was answered 503, and is sent again with the same `Idempotency-Key`: done once, answered as done. */
import type { AuditLog } from '../../../src/ports/audit';
import { AppError } from '../../../src/api/http/problems';
import { MINUTE_MS } from '../../../src/domain/time';
import { startApi, type Api, type CallOptions, type Called } from '../api';
import { goodFields, registerWith, verify } from '../registration/broker-calls';

let api: Api;
beforeEach(async () => {
  api = await startApi();
});
afterEach(() => api.close());

/** Lets `method` do its work the next time, and its answer get lost. */
function loseAnswer<T extends object>(target: T, method: keyof T): void {
  const real = target[method] as (...args: unknown[]) => Promise<unknown>;
  target[method] = (async (...args: unknown[]) => {
    target[method] = real as T[keyof T];
    await real(...args);
    throw new AppError('unavailable');
  }) as T[keyof T];
}

const withKey = (options: CallOptions = {}, key = 'key-1'): CallOptions => ({
  ...options,
  headers: { 'idempotency-key': key, ...options.headers },
});

/** The answers to a request and its repetition. */
async function twice(path: string, options: CallOptions = {}): Promise<[Called, Called]> {
  return [await api.call('POST', path, withKey(options)), await api.call('POST', path, withKey(options))];
}

describe('Two-step verification repeated after a 503', () => {
  const password = 'Sunny_day7';
  const signIn = { body: { username: 'maria.lopez', password } };

  it('Signing in repeated after a 503 sends one code, and a new code is sent once', async () => {
    api.accounts.add({ twoStep: true });
    loseAnswer(api.signIns, 'open');
    const [lost, opened] = await twice('/v1/portals/member/sessions', signIn);
    api.nowMs.value += MINUTE_MS;
    loseAnswer(api.signIns, 'resend');

    const { id, token } = opened.body;
    const [lostToo, resent] = await twice(`/v1/sign-ins/${id}/resend`, { token });

    expect([lost.status, opened.status, lostToo.status, resent.status]).toEqual([503, 202, 503, 202]);
    expect(api.signIns.codesAtMs).toHaveLength(2);
  });

  it('Turning it on repeated after a 503 sends one code and is done once', async () => {
    api.accounts.add();
    const { token } = (await api.call('POST', '/v1/portals/member/sessions', signIn)).body;
    loseAnswer(api.signIns, 'open');
    const [lost, sent] = await twice('/v1/session/two-step', { token });
    loseAnswer(api.signIns, 'turnOn');

    const [lostToo, on] = await twice('/v1/session/two-step/code', { token, body: { code: '141785' } });

    expect([lost.status, sent.status, lostToo.status, on.status]).toEqual([503, 202, 503, 200]);
    expect(api.signIns.codesAtMs).toHaveLength(1);
  });
});

describe('Password reset repeated after a 503', () => {
  let path: string;
  let token: string;
  beforeEach(async () => {
    api.accounts.add();
    ({ path, token } = await api.open());
  });

  const prove = (): Promise<Called> => api.call('POST', `${path}/pin`, { token, body: { pin: '1785' } });

  it('A reset opening repeated after a 503 opens one reset', async () => {
    loseAnswer(api.resets, 'openForMember');

    const [lost, again] = await twice('/v1/portals/member/password-resets', {
      body: { email: 'ana@example.com' },
    });

    expect([lost.status, again.status]).toEqual([503, 202]);
    expect(api.resets.runs.size).toBe(2);
  });

  it('A wrong PIN repeated after a 503 is counted once', async () => {
    loseAnswer(api.resets, 'submitPin');

    const [lost, again] = await twice(`${path}/pin`, { token, body: { pin: '0000' } });

    expect(lost.status).toBe(503);
    expect(again).toMatchObject({ status: 422, body: { code: 'pin_wrong', triesLeft: 2 } });
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { triesLeft: 2 } });
    expect(api.limiter.taken.get('wrong-proofs-global everybody')).toBe(1);
  });

  it('A right PIN repeated after a 503 is answered 200', async () => {
    loseAnswer(api.resets, 'submitPin');

    const [lost, again] = await twice(`${path}/pin`, { token, body: { pin: '1785' } });

    expect([lost.status, again.status, again.body.stage]).toEqual([503, 200, 'password']);
  });

  it('A PIN request repeated after a 503 is answered 202, although the next PIN is too soon', async () => {
    api.nowMs.value += MINUTE_MS;
    loseAnswer(api.resets, 'resend');

    const [lost, again] = await twice(`${path}/resend`, { token });

    expect([lost.status, again.status]).toEqual([503, 202]);
    expect(again.body.resendAvailableAt).toBe('2026-03-02T15:01:45.000Z');
  });

  it('A PIN request refused as too soon succeeds later under the same key', async () => {
    const soon = await api.call('POST', `${path}/resend`, withKey({ token }));
    api.nowMs.value += MINUTE_MS;

    const later = await api.call('POST', `${path}/resend`, withKey({ token }));

    expect([soon.status, later.status]).toEqual([429, 202]);
  });

  it('A new password repeated after a 503 is answered 200, although the reset is over', async () => {
    await prove();
    loseAnswer(api.resets, 'commitPassword');

    const body = { password: 'Rainy_day8', confirmation: 'Rainy_day8' };
    const [lost, again] = await twice(`${path}/password`, { token, body });

    expect([lost.status, again.status, again.body.stage]).toEqual([503, 200, 'completed']);
    expect(api.hashed).toEqual(['Rainy_day8']);
  });

  it('A password that was only staged before a 503 is set by the repetition, under the same ID', async () => {
    await prove();
    const { commitPassword } = api.resets;
    const stagedIds: string[] = [];
    api.resets.commitPassword = async (resetId, holder, stagedId, operation) => {
      stagedIds.push(stagedId);
      if (stagedIds.length === 1) throw new AppError('unavailable');
      return commitPassword(resetId, holder, stagedId, operation);
    };

    const body = { password: 'Rainy_day8', confirmation: 'Rainy_day8' };
    const [lost, again] = await twice(`${path}/password`, { token, body });

    expect([lost.status, again.status, again.body.stage]).toEqual([503, 200, 'completed']);
    expect(new Set(stagedIds).size).toBe(1);
    expect(api.resets.staged.size).toBe(1);
  });

  it('A username request repeated after a 503 shows the username', async () => {
    await prove();
    loseAnswer(api.resets, 'showUsername');

    const [lost, again] = await twice(`${path}/username`, { token });

    expect(lost.status).toBe(503);
    expect(again).toMatchObject({ status: 200, body: { stage: 'username-shown', username: 'maria.lopez' } });
  });

  it('A username request is refused before the proof and after the reset is over', async () => {
    const early = await api.call('POST', `${path}/username`, withKey({ token }));
    await prove();
    await api.call('POST', `${path}/username`, { token });

    const late = await api.call('POST', `${path}/username`, withKey({ token }, 'key-2'));

    expect([early.body.code, late.body.code]).toEqual(['proof_required', 'reset_expired']);
  });
});

it('A sign-in repeated after a 503 opens a valid session', async () => {
  api.accounts.add();
  loseAnswer(api.sessions, 'create');

  const [lost, again] = await twice('/v1/portals/member/sessions', {
    body: { username: 'maria.lopez', password: 'Sunny_day7' },
  });

  expect([lost.status, again.status]).toEqual([503, 201]);
  expect(await api.call('GET', '/v1/session', { token: again.body.token })).toMatchObject({ status: 200 });
  expect(api.limiter.taken).toEqual(
    new Map([...api.limiter.taken].map(([key, taken]) => [key, key.startsWith('wrong') ? 0 : taken])),
  );
});

describe('Password change repeated after a 503', () => {
  const change = {
    body: {
      username: 'maria.lopez',
      currentPassword: 'Sunny_day7',
      password: 'Rainy_day8',
      confirmation: 'Rainy_day8',
    },
  };
  /** Credentials that were written. */
  let written: string[];

  beforeEach(async () => {
    written = [];
    await api.close();
    api = await startApi({
      replacer: {
        replace: async ({ accountId, credentialId, hash, atMs }) => {
          written.push(credentialId);
          api.accounts.setHash(accountId, credentialId, hash, atMs);
          throw new AppError('unavailable');
        },
      },
    });
    api.accounts.add();
  });

  it('A password change repeated after a 503 is made once and answered 204', async () => {
    const [lost, again] = await twice('/v1/portals/member/password-changes', change);

    expect([lost.status, again.status]).toEqual([503, 204]);
    expect(written).toHaveLength(1);
    expect(api.notices).toEqual([written[0], written[0]]);
  });

  it('A password change under another key still needs the current password', async () => {
    await twice('/v1/portals/member/password-changes', change);

    expect(
      await api.call('POST', '/v1/portals/member/password-changes', withKey(change, 'key-2')),
    ).toMatchObject({ status: 401, body: { code: 'credentials_wrong' } });
  });
});

describe('Broker requests repeated after a 503', () => {
  beforeEach(() => api.brokers.addAgent());

  it('A registration repeated after a 503 is made once and answered 201', async () => {
    const { body: verified } = await verify(api);
    loseAnswer(api.brokers, 'create');

    const [lost, again] = await twice('/v1/portals/broker/registrations', {
      body: { ...goodFields, token: verified.token },
    });

    expect([lost.status, again.status]).toEqual([503, 201]);
    expect(api.brokers.created).toHaveLength(1);
    expect(again.body.account).toEqual({
      id: api.brokers.created[0]?.accountId,
      username: goodFields.username,
      firstName: 'Séamus',
    });
  });

  it('A username reminder repeated after a 503 shows the username and sends one email', async () => {
    const audit: AuditLog = { record: async () => {} };
    await api.close();
    api = await startApi({ audit });
    api.brokers.addAgent();
    await registerWith(api);
    const earlier = api.notices.length;
    // What comes last, once the email is announced.
    loseAnswer(audit, 'record');

    const [lost, again] = await twice('/v1/portals/broker/username-reminders', {
      body: { firstName: 'Séamus', lastName: 'O’Dwyer', agentNumber: 'AB123' },
    });

    expect([lost.status, again.status]).toEqual([503, 200]);
    expect(api.notices.slice(earlier)).toHaveLength(2);
    expect(new Set(api.notices.slice(earlier)).size).toBe(1);
  });
});

describe('Invitation repeated after a 503', () => {
  const person = { email: 'pat@example.com', firstName: 'Pat', lastName: 'Reed' };

  it('An invitation repeated after a 503 is issued once and answered with its original expiry', async () => {
    const { key: token } = api.apiKeys.create('accounts');
    loseAnswer(api.brokers, 'issue');
    const lost = await api.call('POST', '/v1/access-invitations', withKey({ token, body: person }));
    api.nowMs.value += MINUTE_MS;

    const again = await api.call('POST', '/v1/access-invitations', withKey({ token, body: person }));

    expect([lost.status, again.status]).toEqual([503, 201]);
    expect([...api.brokers.issued.keys()]).toEqual([again.body.id]);
    expect(again.body.expiresAt).toBe('2026-03-16T15:00:00.000Z');
    expect(new Set(api.notices)).toEqual(new Set([again.body.id]));
  });

  it('An invitation that was only announced before a 503 is issued by the repetition, under the same ID', async () => {
    const { key: token } = api.apiKeys.create('accounts');
    const { issue } = api.brokers;
    api.brokers.issue = async () => {
      api.brokers.issue = issue;
      throw new AppError('unavailable');
    };

    const [lost, again] = await twice('/v1/access-invitations', { token, body: person });

    expect([lost.status, again.status]).toEqual([503, 201]);
    expect(api.notices).toEqual([again.body.id, again.body.id]);
  });
});
