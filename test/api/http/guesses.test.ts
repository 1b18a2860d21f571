/** Guessing over many people: whose wrong guesses slow whom, for each thing that is guessed at. */
import type { GuessKind, GuessLevel } from '../../../src/ports/request';
import { startApi, type Api, type Called } from '../api';

/** Small, in the proportions of the real ones (test/adapters/rate-limits.test.ts). */
const SIZES: Readonly<Record<GuessLevel, number>> = { address: 2, network: 6, site: 18, global: 200 };
const KINDS = ['passwords', 'proofs', 'access-codes', 'usernames'] as const;

let api: Api;
beforeEach(async () => {
  api = await startApi();
  for (const kind of KINDS)
    for (const [level, size] of Object.entries(SIZES))
      api.limiter.sizes[`wrong-${kind}-${level as GuessLevel}`] = size;
});
afterEach(() => api.close());

type Guess = (index: number, address: string) => Promise<Called>;

const post = (path: string, body: object, address: string, token?: string): Promise<Called> =>
  api.call('POST', path, {
    body,
    headers: { 'x-forwarded-for': address },
    ...(token !== undefined && { token }),
  });

/** One wrong guess at somebody of their own, and the status that says that it was compared. */
const kinds: readonly [GuessKind, number, Guess][] = [
  [
    'passwords',
    401,
    (index, address) =>
      post('/v1/portals/member/sessions', { username: `user.${index}`, password: 'Wrong_day1' }, address),
  ],
  [
    'proofs',
    422,
    async (index, address) => {
      const { path, token } = await api.open(`person-${index}@example.com`);
      return post(`${path}/pin`, { pin: '0000' }, address, token);
    },
  ],
  [
    'access-codes',
    422,
    (index, address) =>
      post(
        '/v1/portals/broker/registrations/verifications',
        { lastName: 'Boyd', accessCode: `C${10_000 + index}123456A` },
        address,
      ),
  ],
  [
    'usernames',
    404,
    (index, address) =>
      post(
        '/v1/portals/broker/username-reminders',
        { firstName: 'Renee', lastName: 'Boyd', agentNumber: `${index}` },
        address,
      ),
  ],
];

describe.each(kinds)('Wrong guesses at %s', (kind, comparedAs, guess) => {
  const sizeOf = (level: GuessLevel): number => SIZES[level];

  it(`Wrong guesses at the ${kind} of many people pause each guessing address, and no other`, async () => {
    const addresses = Array.from({ length: 18 }, (_, i) => `198.51.${i}.7`);
    let index = 0;
    const statuses = new Map<string, number[]>();
    for (const address of addresses) {
      statuses.set(address, []);
      for (let i = 0; i < sizeOf('address') + 1; i++)
        statuses.get(address)!.push((await guess(index++, address)).status);
    }

    for (const address of addresses) {
      expect(statuses.get(address)).toEqual([...Array(sizeOf('address')).fill(comparedAs), 429]);
    }
    expect(await guess(index++, '203.0.113.9')).toMatchObject({ status: comparedAs });
  });

  it.each([
    ['the /24 of an IPv4 address', (i: number) => `198.51.100.${i}`, 3, '198.51.100.99', '198.51.101.1'],
    [
      'the /56 of an IPv6 address',
      (i: number) => `2001:db8:1:${i}::1`,
      3,
      '2001:db8:1:99::1',
      '2001:db8:1:100::1',
    ],
    [
      'the /48 of an IPv6 address',
      (i: number) => `2001:db8:1:${i}00::1`,
      9,
      '2001:db8:1:9900::1',
      '2001:db8:2::1',
    ],
  ])(
    `Wrong guesses at ${kind} pause %s, but not its neighbour`,
    async (_what, addressOf, addresses, within, beside) => {
      let index = 0;
      for (let i = 1; i <= addresses; i++)
        for (let each = 0; each < sizeOf('address'); each++) await guess(index++, addressOf(i));

      expect(await guess(index++, within)).toMatchObject({ status: 429 });
      expect(await guess(index++, beside)).toMatchObject({ status: comparedAs });
    },
  );

  it(`Wrong guesses at ${kind} from many networks pause everyone`, async () => {
    api.limiter.sizes[`wrong-${kind}-global`] = 5;
    for (let i = 0; i < 5; i++) await guess(i, `198.51.${i}.7`);

    expect(await guess(5, '203.0.113.9')).toMatchObject({ status: 429, body: { code: 'too_many_requests' } });
  });

  it(`Wrong guesses at ${kind} cannot outrun the counters by being concurrent`, async () => {
    const answers = await Promise.all(
      Array.from({ length: sizeOf('address') * 2 }, (_, i) => guess(i, '198.51.100.7')),
    );

    expect(answers.filter(({ status }) => status === comparedAs)).toHaveLength(sizeOf('address'));
  });

  it(`Wrong guesses at ${kind} from a paused address do not count for its network or globally`, async () => {
    for (let i = 0; i < sizeOf('network') + 5; i++) await guess(i, '198.51.100.7');

    expect(await guess(1000, '198.51.100.8')).toMatchObject({ status: comparedAs });
    expect(api.limiter.taken.get(`wrong-${kind}-global everybody`)).toBe(sizeOf('address') + 1);
  });

  it(`Wrong guesses at ${kind} from a paused network do not count for the address`, async () => {
    let index = 0;
    for (let i = 1; i <= 3; i++)
      for (let each = 0; each < sizeOf('address'); each++) await guess(index++, `198.51.100.${i}`);

    expect(await guess(index++, '198.51.100.99')).toMatchObject({ status: 429 });
    expect(api.limiter.taken.get(`wrong-${kind}-address 198.51.100.99`)).toBe(0);
  });
});

describe('Attempts that are not wrong guesses', () => {
  it('A right password and a PIN with a wrong token do not count as wrong guesses', async () => {
    api.accounts.add();
    api.limiter.sizes['wrong-passwords-address'] = 1;
    api.limiter.sizes['wrong-proofs-address'] = 1;
    const right = { username: 'maria.lopez', password: 'Sunny_day7' };
    const { path, token } = await api.open();

    for (let i = 0; i < 3; i++) {
      expect(await post('/v1/portals/member/sessions', right, '192.0.2.1')).toMatchObject({ status: 201 });
      expect(await post(`${path}/pin`, { pin: '0000' }, '192.0.2.1', 'not the token')).toMatchObject({
        status: 401,
      });
    }
    expect(await post(`${path}/pin`, { pin: '1785' }, '192.0.2.1', token)).toMatchObject({ status: 200 });
  });

  it('Access codes sent during a pause do not use up the five tries of the agent number', async () => {
    api.limiter.sizes['wrong-access-codes-global'] = 1;
    api.limiter.sizes['access-codes'] = 5;
    const verify = (address: string): Promise<Called> => kinds[2]![2](1, address);
    for (let i = 0; i < 10; i++) await verify(`198.51.${i}.7`);

    const ofNumber = [...api.limiter.taken].filter(([key]) => key.startsWith('access-codes '));
    expect(ofNumber.map(([, taken]) => taken)).toEqual([1]);
  });
});
