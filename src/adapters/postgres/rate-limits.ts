/** Request budgets, counted in PostgreSQL: they survive restarts and apply across all API processes. */
import { isIP } from 'node:net';
import type { Pool } from 'pg';
import { RateLimiterPostgres, RateLimiterRes } from 'rate-limiter-flexible';
import type { GuessKind, GuessLevel, LimitName, RequestLimiter } from '../../ports/request';

/** At most `points` in each window of `perSeconds`, for each key. */
export interface LimitSize {
  readonly points: number;
  readonly perSeconds: number;
}

/**
 * Wrong guesses of one kind (ADR 31): a network's limit is three times an address's, a site's three times a network's. Everybody
 * is slowed only if at least a hundred addresses, in dozens of networks, guess wrong.
 */
const guessSizes = <K extends GuessKind>(
  kind: K,
  address: LimitSize,
  global: LimitSize,
): Record<`wrong-${K}-${GuessLevel}`, LimitSize> => {
  const times = (factor: number): LimitSize => ({ ...address, points: address.points * factor });
  const sizes = { address, network: times(3), site: times(9), global };
  return Object.fromEntries(
    Object.entries(sizes).map(([level, size]) => [`wrong-${kind}-${level}`, size]),
  ) as Record<`wrong-${K}-${GuessLevel}`, LimitSize>;
};

export const limitSizes: Readonly<Record<LimitName, LimitSize>> = {
  requests: { points: 600, perSeconds: 60 },
  'reset-openings': { points: 30, perSeconds: 600 },
  proofs: { points: 60, perSeconds: 600 },
  'sign-ins': { points: 60, perSeconds: 600 },
  'wrong-passwords': { points: 10, perSeconds: 900 },
  'access-codes': { points: 5, perSeconds: 86_400 },
  'username-reminders': { points: 20, perSeconds: 600 },
  ...guessSizes('passwords', { points: 30, perSeconds: 600 }, { points: 5000, perSeconds: 600 }),
  ...guessSizes('proofs', { points: 10, perSeconds: 600 }, { points: 1000, perSeconds: 600 }),
  ...guessSizes('access-codes', { points: 20, perSeconds: 3600 }, { points: 2000, perSeconds: 600 }),
  ...guessSizes('usernames', { points: 10, perSeconds: 600 }, { points: 1000, perSeconds: 600 }),
};

/** Throws if the database does not answer; the caller decides what that means for the request. */
export function createRequestLimiter(pool: Pool, sizes = limitSizes): RequestLimiter {
  const limiters = new Map<LimitName, RateLimiterPostgres>();
  const limiterFor = (budget: LimitName): RateLimiterPostgres => {
    const limiter = limiters.get(budget) ?? makeLimiter(pool, budget, sizes[budget]);
    limiters.set(budget, limiter);
    return limiter;
  };

  return {
    async take(budget, key, points = 1) {
      try {
        await limiterFor(budget).consume(key, points);
        return null;
      } catch (refusal) {
        if (refusal instanceof RateLimiterRes) return refusal.msBeforeNext;
        throw refusal;
      }
    },

    async giveBack(budget, key) {
      await limiterFor(budget).reward(key, 1);
    },
  };
}

function makeLimiter(pool: Pool, budget: LimitName, { points, perSeconds }: LimitSize): RateLimiterPostgres {
  return new RateLimiterPostgres({
    storeClient: pool,
    storeType: 'pool',
    tableName: 'rate_limits',
    tableCreated: true,
    // Housekeeping does it, once for all budgets.
    clearExpiredByTimeout: false,
    keyPrefix: budget,
    points,
    duration: perSeconds,
    // An exhausted key is refused from memory, so that a flood does not reach the database; not for budgets
    // whose points are returned.
    inMemoryBlockOnConsumed: budget.startsWith('wrong-') || budget === 'access-codes' ? 0 : points + 1,
  });
}

/** Tries for one writing number (spec.md 2) and one username: no gateway can count them. */
const ALWAYS_COUNTED: ReadonlySet<LimitName> = new Set(['access-codes', 'wrong-passwords']);

/** For `RATE_LIMITS=off`: a gateway in front counts requests, or a bench runs. Tries at one person's secret are still counted. */
export function withoutAddressLimits(limiter: RequestLimiter): RequestLimiter {
  const counts = (budget: LimitName): boolean => ALWAYS_COUNTED.has(budget);
  return {
    take: async (budget, key, points) => (counts(budget) ? limiter.take(budget, key, points) : null),
    giveBack: async (budget, key) => (counts(budget) ? limiter.giveBack(budget, key) : undefined),
  };
}

/**
 * The key an address is counted under: the whole IPv4 address, or the /64 of an IPv6 address, which is what one subscriber
 * has. An IPv4-mapped IPv6 address counts as IPv4. Invalid addresses (forged headers) share one key, so that inventing them
 * opens no new budget.
 */
export function addressKey(ip: string): string {
  return networkKeys(ip)[0];
}

/**
 * The address key and those of the surrounding networks, narrowest first: the /24 of an IPv4 address; the /56 and the /48 of an
 * IPv6 address, which providers assign to a household or a firm and which contain many /64s.
 */
export function networkKeys(ip: string): [string, ...string[]] {
  const address = ip.replace(/%.*$/, '');
  if (isIP(address) === 4) return ipv4Keys(address.split('.').map(Number));
  if (isIP(address) !== 6) return ['no-address'];
  const groups = expandIpv6(address);
  const [high = 0, low = 0] = groups.slice(6);
  const isMappedIpv4 = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMappedIpv4) return ipv4Keys([high >> 8, high & 0xff, low >> 8, low & 0xff]);
  const [a = 0, b = 0, c = 0, d = 0] = groups;
  const prefix = (...parts: number[]): string => parts.map((group) => group.toString(16)).join(':');
  return [`${prefix(a, b, c, d)}::/64`, `${prefix(a, b, c, d & 0xff00)}::/56`, `${prefix(a, b, c)}::/48`];
}

const ipv4Keys = (bytes: readonly number[]): [string, string] => [
  bytes.join('.'),
  `${bytes.slice(0, 3).join('.')}.0/24`,
];

/**
 * The eight groups of a valid IPv6 address. The URL parser writes a dotted IPv4 tail as groups, and the longest run
 * of zeros as `::`.
 */
function expandIpv6(address: string): number[] {
  const canonical = new URL(`http://[${address}]`).hostname.slice(1, -1);
  const [head = '', tail] = canonical.split('::');
  const parse = (part: string): number[] =>
    part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16));
  const before = parse(head);
  if (tail === undefined) return before;
  const after = parse(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}
