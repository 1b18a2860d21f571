import { randomUUID } from 'node:crypto';
import type { ListedRotation } from '../../../src/ports/password-rotation';
import { startApi, type Api, type Called } from '../api';
import { portalPolicies } from '../../support/brand';

let api: Api;
let key: string;
beforeEach(async () => {
  api = await startApi();
  ({ key } = api.apiKeys.create('audit'));
});
afterEach(() => api.close());

const list = (query = '', token: string | undefined = key): Promise<Called> =>
  api.call('GET', `/v1/rotations${query}`, { ...(token !== undefined && { token }) });

const rotation = (overrides: Partial<ListedRotation> = {}): ListedRotation => ({
  credentialId: randomUUID(),
  accountId: randomUUID(),
  username: 'dana.reed',
  portal: 'broker',
  state: 'due',
  setAtMs: Date.parse('2025-12-10T15:00:00Z'),
  expiresAtMs: Date.parse('2026-03-10T15:00:00Z'),
  remindedAtMs: null,
  ...overrides,
});

it('The rotation list shows each password’s owner, state, expiry and last reminder', async () => {
  const due = rotation();
  const reminded = rotation({ state: 'reminded', remindedAtMs: Date.parse('2026-03-01T14:00:00Z') });
  api.rotations.listed.push(due, reminded);

  const { status, body } = await list();

  expect(status).toBe(200);
  expect(body).toEqual({
    rotations: [
      {
        credentialId: due.credentialId,
        account: { id: due.accountId, username: 'dana.reed' },
        portal: 'broker',
        state: 'due',
        passwordSetAt: '2025-12-10T15:00:00.000Z',
        expiresAt: '2026-03-10T15:00:00.000Z',
        remindedAt: null,
      },
      expect.objectContaining({ state: 'reminded', remindedAt: '2026-03-01T14:00:00.000Z' }),
    ],
    nextCursor: null,
  });
  expect(api.rotations.asked).toEqual([
    { policies: portalPolicies, state: undefined, after: undefined, nowMs: api.nowMs.value, limit: 101 },
  ]);
});

it('The rotation list continues after its cursor when there is more than one page', async () => {
  api.rotations.listed.push(...Array.from({ length: 101 }, () => rotation()));
  const last = api.rotations.listed[99]!;

  const { body } = await list('?state=due');
  await list(`?state=due&cursor=${body.nextCursor}`);

  expect(body.rotations).toHaveLength(100);
  expect(api.rotations.asked.at(-1)).toMatchObject({
    state: 'due',
    after: { atMs: last.expiresAtMs, id: last.credentialId },
  });
});

it.each([
  ['?state=asleep', [{ pointer: 'query:state', code: 'not_one_of' }]],
  ['?cursor=somewhere', [{ pointer: 'query:cursor', code: 'wrong_format' }]],
  ['?cursor=', [{ pointer: 'query:cursor', code: 'required' }]],
  [
    `?cursor=${Buffer.from('[1,"x"]').toString('base64url')}`,
    [{ pointer: 'query:cursor', code: 'wrong_format' }],
  ],
  ['?page=2', [{ pointer: 'query:page', code: 'unknown_field' }]],
  ['?state=due&state=expired', [{ pointer: 'query:state', code: 'duplicate_field' }]],
])('The rotation list refuses %s and says what is wrong', async (query, errors) => {
  const { status, body } = await list(query);

  expect(status).toBe(422);
  expect(body).toMatchObject({ code: 'invalid_fields', errors });
  expect(api.rotations.asked).toEqual([]);
});

it('The rotation list requires an API key with the scope audit', async () => {
  const { key: other } = api.apiKeys.create('accounts');

  expect((await list('', other)).status).toBe(403);
  expect((await list('', 'nobody')).status).toBe(401);
});
