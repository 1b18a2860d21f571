/** The calls of a broker on the way to an account and back into it. */
import type { Api, Called, CallOptions } from '../api';

export const VERIFICATIONS = '/v1/portals/broker/registrations/verifications';
export const REGISTRATIONS = '/v1/portals/broker/registrations';
export const RESETS = '/v1/portals/broker/password-resets';
export const REMINDERS = '/v1/portals/broker/username-reminders';
export const INVITATIONS = '/v1/access-invitations';

/** What an agent of `FakeBrokers.addAgent` types. */
export const rightCode = { lastName: 'O’Dwyer', accessCode: 'CAB123445566A' };

/** Everything but the token. */
export const goodFields = {
  username: 'seamus.odwyer',
  password: 'Sunny_day7',
  confirmation: 'Sunny_day7',
  email: 'seamus@example.com',
  phone: '(212) 555-0123',
  securityAnswers: [
    { questionId: 'first-pet', answer: 'Rex of the Hill' },
    { questionId: 'first-car', answer: 'Ford Anglia' },
  ],
  termsVersion: '2026-01',
};

export const verify = (
  api: Api,
  body: object = rightCode,
  headers: CallOptions['headers'] = {},
): Promise<Called> => api.call('POST', VERIFICATIONS, { body, headers });

export const register = (api: Api, token: unknown, fields: object = {}, headers = {}): Promise<Called> =>
  api.call('POST', REGISTRATIONS, { body: { ...goodFields, token, ...fields }, headers });

/** Checks the fields without the terms. */
export function check(api: Api, token: unknown, fields: object = {}): Promise<Called> {
  const { termsVersion: _accepted, ...typed } = goodFields;
  return api.call('POST', `${REGISTRATIONS}/checks`, { body: { ...typed, token, ...fields } });
}

/** Verifies `code` and registers with it. */
export async function registerWith(api: Api, code: object = rightCode, fields: object = {}): Promise<Called> {
  const { body } = await verify(api, code);
  return register(api, body.token, fields);
}

/** Issues an invitation; its id and its code. */
export async function invite(api: Api, person: object): Promise<{ id: string; code: string }> {
  const { key } = api.apiKeys.create('accounts');
  const { body } = await api.call('POST', INVITATIONS, { token: key, body: person });
  return { id: body.id, code: api.brokers.issued.get(body.id)!.codeDigest.replace('code:', '') };
}

/** The `errors` of a 422, as `pointer code`. */
export function entries({ status, body }: Called): string[] {
  expect(status).toBe(422);
  return body.errors.map(({ pointer, code }: { pointer: string; code: string }) => `${pointer} ${code}`);
}
