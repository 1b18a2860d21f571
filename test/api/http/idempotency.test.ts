import { AppError } from '../../../src/api/http/problems';
import { startApi, type Api, type Called } from '../api';

let api: Api;
beforeEach(async () => {
  api = await startApi();
  api.accounts.add();
});
afterEach(() => api.close());

const OPENING = '/v1/portals/member/password-resets';
const open = (key: string, body: object = { email: 'maria@example.com' }, headers = {}): Promise<Called> =>
  api.call('POST', OPENING, { body, headers: { 'idempotency-key': key, ...headers } });

describe('Idempotency-Key', () => {
  it('A request repeated under one Idempotency-Key gets the same answer and is executed once', async () => {
    const first = await open('key-1');
    const second = await open('key-1');

    expect([second.status, second.body]).toEqual([first.status, first.body]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(second.headers.get('idempotency-replayed')).toBe('true');
    expect(second.headers.get('x-request-id')).not.toBe(first.headers.get('x-request-id'));
    expect(api.resets.calls).toHaveLength(1);
  });

  it('An Idempotency-Key matches a body whose values differ only in surrounding white space', async () => {
    await open('key-1');

    expect(await open('key-1', { email: ' maria@example.com ' })).toMatchObject({ status: 202 });
    expect(api.resets.calls).toHaveLength(1);
  });

  it('An Idempotency-Key is refused with another body', async () => {
    await open('key-1');

    expect(await open('key-1', { email: 'other@example.com' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
  });

  it('An Idempotency-Key is separate for each path, token and address', async () => {
    const { path, token } = await api.open();
    const key = { 'idempotency-key': 'key-1' };
    const resend = (as: string): Promise<Called> =>
      api.call('POST', `${path}/resend`, { token: as, headers: key });

    await open('key-1');
    expect(await open('key-1', { email: 'b@example.com' }, { 'x-forwarded-for': '192.0.2.1' })).toMatchObject(
      {
        status: 202,
      },
    );
    api.nowMs.value += 45_000;
    expect(await resend(token)).toMatchObject({ status: 202 });
    expect(await resend('someone-else')).toMatchObject({ status: 401 });
  });

  it.each([
    ['written as it was', 'Bearer', '192.0.2.7'],
    ['written otherwise', 'bearer', '192.0.2.7'],
    ['written with more spaces', 'BEARER   ', '192.0.2.7'],
    ['from another address', 'Bearer', '198.51.100.9'],
  ])('An Idempotency-Key is recognised for the same API key, %s', async (_how, scheme, address) => {
    const { key } = api.apiKeys.create('accounts');
    const invite = (as: string, from: string): Promise<Called> =>
      api.call('POST', '/v1/access-invitations', {
        body: { email: 'pat@example.com', firstName: 'Pat', lastName: 'Reed' },
        headers: { authorization: `${as} ${key}`, 'x-forwarded-for': from, 'idempotency-key': 'key-1' },
      });
    const first = await invite('Bearer', '192.0.2.7');

    const again = await invite(scheme, address);

    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(api.notices).toHaveLength(1);
  });

  it('An Idempotency-Key is separate for each API key, even from the same address', async () => {
    const keys = [api.apiKeys.create('accounts').key, api.apiKeys.create('accounts').key];
    const answers = await Promise.all(
      keys.map((token) =>
        api.call('POST', '/v1/access-invitations', {
          token,
          body: { email: `${token}@example.com`, firstName: 'Pat', lastName: 'Reed' },
          headers: { 'idempotency-key': 'key-1' },
        }),
      ),
    );

    expect(answers.map(({ status }) => status)).toEqual([201, 201]);
  });

  it('An Idempotency-Key is recognised for the same reset token from any address', async () => {
    const { path, token } = await api.open();
    const guess = (scheme: string, address: string): Promise<Called> =>
      api.call('POST', `${path}/pin`, {
        body: { pin: '0000' },
        headers: { authorization: `${scheme} ${token}`, 'x-forwarded-for': address, 'idempotency-key': 'k' },
      });

    const answers = [await guess('Bearer', '192.0.2.7'), await guess('bearer ', '198.51.100.9')];

    expect(answers.map(({ body }) => body.triesLeft)).toEqual([2, 2]);
  });

  it('An Idempotency-Key on a public route belongs to the address, whatever the Authorization header', async () => {
    const from = { 'x-forwarded-for': '192.0.2.7' };
    const first = await open('key-1', undefined, { ...from, authorization: 'Bearer x' });
    const again = await open('key-1', undefined, from);

    expect(again.body).toEqual(first.body);
    expect(api.resets.calls).toEqual(['open']);
  });

  it('An Idempotency-Key is shared within an IPv6 /64', async () => {
    await open('key-1', { email: 'a@example.com' }, { 'x-forwarded-for': '2001:db8:1:2::1' });

    expect(
      await open('key-1', { email: 'b@example.com' }, { 'x-forwarded-for': '2001:db8:1:2::99' }),
    ).toMatchObject({ status: 422 });
  });

  it('An Idempotency-Key is answered 409 while its first request is running', async () => {
    let finish = (): void => undefined;
    const running = new Promise<void>((resolve) => (finish = resolve));
    const openForMember = api.resets.openForMember;
    api.resets.openForMember = async (email) => {
      await running;
      return openForMember(email);
    };

    const refused: Called[] = [];
    const all = Array.from({ length: 10 }, async () => {
      const answer = await open('key-1');
      if (answer.status === 409 && refused.push(answer) === 9) finish();
      return answer;
    });
    const answers = await Promise.all(all);

    expect(answers.filter(({ status }) => status === 202)).toHaveLength(1);
    expect(refused).toHaveLength(9);
    for (const { body, headers } of refused) {
      expect([body.code, headers.get('retry-after')]).toEqual(['request_in_progress', '1']);
    }
    expect(api.resets.calls).toHaveLength(1);
  });

  it('An Idempotency-Key keeps a repeated wrong PIN from costing two tries', async () => {
    const { path, token } = await api.open();
    const guess = (): Promise<Called> =>
      api.call('POST', `${path}/pin`, {
        token,
        body: { pin: '0000' },
        headers: { 'idempotency-key': 'guess' },
      });

    const answers = [await guess(), await guess()];

    expect(answers).toMatchObject([
      { status: 422, body: { code: 'pin_wrong', triesLeft: 2 } },
      { status: 422, body: { code: 'pin_wrong', triesLeft: 2 } },
    ]);
    expect(answers[1]?.headers.get('content-type')).toMatch('application/problem+json');
    expect(await api.call('GET', path, { token })).toMatchObject({ body: { triesLeft: 2 } });
  });

  it('An Idempotency-Key also replays an answer without a body', async () => {
    const change = (): Promise<Called> =>
      api.call('POST', '/v1/portals/member/password-changes', {
        body: {
          username: 'maria.lopez',
          currentPassword: 'Sunny_day7',
          password: 'Rainy_day8',
          confirmation: 'Rainy_day8',
        },
        headers: { 'idempotency-key': 'change' },
      });

    expect(await change()).toMatchObject({ status: 204 });
    expect(await change()).toMatchObject({ status: 204, body: '' });
    expect(api.replaced).toHaveLength(1);
  });

  /** Answers openings with these errors, then as always; tells which operation each was of. */
  function failing(...errors: readonly Error[]): { readonly id: string; readonly isRepeated: boolean }[] {
    const operations: { id: string; isRepeated: boolean }[] = [];
    const openForMember = api.resets.openForMember;
    api.resets.openForMember = async (email, operation) => {
      operations.push({ id: operation?.idFor('') ?? '', isRepeated: operation?.isRepeated ?? false });
      const error = errors[operations.length - 1];
      if (error) throw error;
      return openForMember(email, operation);
    };
    return operations;
  }

  it('An Idempotency-Key can be used again after 5xx or 429, for the same operation until its outcome is known', async () => {
    const operations = failing(
      new AppError('unavailable'),
      new Error('boom'),
      new AppError('too_many_requests'),
      new AppError('reset_exhausted'),
    );

    const statuses: number[] = [];
    for (let n = 0; n < 6; n++) statuses.push((await open('key-1')).status);

    expect(statuses).toEqual([503, 500, 429, 429, 202, 202]);
    const [first, second, third, fourth, fifth] = operations;
    expect(operations.map(({ isRepeated }) => isRepeated)).toEqual([false, true, true, true, false]);
    expect(new Set([first, second, third, fourth].map((operation) => operation?.id)).size).toBe(1);
    expect(fifth?.id).not.toBe(first?.id);
  });

  it('An Idempotency-Key is refused with another body even after a 503', async () => {
    failing(new AppError('unavailable'));
    await open('key-1');

    expect(await open('key-1', { email: 'other@example.com' })).toMatchObject({
      status: 422,
      body: { code: 'idempotency_key_reused' },
    });
    expect(await open('key-1')).toMatchObject({ status: 202 });
  });

  it('The original error is answered even if its Idempotency-Key cannot be released', async () => {
    failing(new AppError('unavailable'));
    api.idempotency.release = async () => {
      throw new Error('gone');
    };

    expect(await open('key-1')).toMatchObject({ status: 503 });
    expect(await open('key-1')).toMatchObject({ status: 409, body: { code: 'request_in_progress' } });
    expect(api.logLines.join('')).toContain('could not be given back');
  });

  it('Two requests without an Idempotency-Key are two operations', async () => {
    const operations = failing();
    for (let n = 0; n < 2; n++) await api.call('POST', OPENING, { body: { email: 'maria@example.com' } });

    expect(operations.map(({ isRepeated }) => isRepeated)).toEqual([false, false]);
    expect(new Set(operations.map(({ id }) => id)).size).toBe(2);
  });

  it('A refused body does not use up its Idempotency-Key', async () => {
    expect(await open('key-1', {})).toMatchObject({ status: 422, body: { code: 'invalid_fields' } });
    expect(await open('key-1')).toMatchObject({ status: 202 });
  });

  it('An answer is sent even if it cannot be stored for its Idempotency-Key', async () => {
    api.idempotency.finish = async () => {
      throw new Error('gone');
    };

    expect(await open('key-1')).toMatchObject({ status: 202 });
    expect(api.logLines.join('')).toContain('could not be kept');
  });

  it('A request is not executed again if its stored answer can no longer be decrypted', async () => {
    await open('key-1');
    for (const [key, kept] of api.idempotency.kept) {
      api.idempotency.kept.set(key, { ...kept, answer: Buffer.from('["other","x"]').toString('base64') });
    }

    expect(await open('key-1')).toMatchObject({ status: 422, body: { code: 'idempotency_key_reused' } });
    expect(api.resets.calls).toHaveLength(1);
  });

  it.each(['', 'with space', 'x'.repeat(256), 'tab\tbed', '\u00e9'])(
    'The Idempotency-Key %j is refused',
    async (key) => {
      expect(await open(key)).toMatchObject({
        status: 422,
        body: {
          code: 'invalid_fields',
          errors: [{ pointer: 'header:Idempotency-Key', code: 'wrong_format' }],
        },
      });
    },
  );

  it.each(['x', '!~"#', 'x'.repeat(255)])('The Idempotency-Key %j is accepted', async (key) => {
    expect(await open(key)).toMatchObject({ status: 202 });
  });
});
