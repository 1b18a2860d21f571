/** The ports of the API in memory, for driving the real application without database or Temporal. */
import type { AccountWithCredential, PastPassword } from '../../src/ports/accounts';
import type { ApiKeyHolder, ApiKeys } from '../../src/ports/api-key';
import type { AnswerStretcher, BrokerSecrets, TokenDigests } from '../../src/ports/keys';
import type { IdempotencyStore, LimitName, RequestLimiter } from '../../src/ports/request';
import type { NewSession, PasswordTries, SessionStore } from '../../src/ports/session';
import { invitationCodeFromMac } from '../../src/domain/accounts/access-code';
import { mayTry, type TryRow } from '../../src/domain/accounts/password-tries';
import type { Portal } from '../../src/domain/portal';
import { foldAnswer } from '../../src/domain/accounts/security-answers';
import { portalPolicies } from '../support/brand';
import { foldEmail, foldUsername } from '../../src/domain/accounts/text';

/** A hash that gives its password away: nothing here is secret, and a test stays quick. */
export const fakeHash = (password: string): string => `hash:${password}`;

export interface FakeAccount extends AccountWithCredential {
  readonly email: string;
  readonly history: readonly string[];
}

export class FakeAccounts {
  readonly all = new Map<string, FakeAccount>();

  add(account: Partial<FakeAccount> & { password?: string; setAtMs?: number } = {}): FakeAccount {
    const id = account.id ?? crypto.randomUUID();
    const { password = 'Sunny_day7', setAtMs = Date.now() } = account;
    const hash = fakeHash(password);
    const added: FakeAccount = {
      id,
      portal: 'member',
      username: 'maria.lopez',
      firstName: 'Maria',
      language: 'en',
      email: 'maria@example.com',
      credential: { id: crypto.randomUUID(), hash, setAtMs },
      twoStep: false,
      history: [hash],
      termsVersion: account.portal === 'broker' ? portalPolicies.broker.termsVersion : null,
      ...account,
    };
    this.all.set(id, added);
    return added;
  }

  setHash(id: string, credentialId: string, hash: string, setAtMs: number): void {
    const account = this.all.get(id)!;
    const history = [hash, ...account.history];
    this.all.set(id, { ...account, credential: { id: credentialId, hash, setAtMs }, history });
  }

  findById = async (id: string): Promise<FakeAccount | null> => this.all.get(id) ?? null;

  findByUsername = async (portal: Portal, username: string): Promise<FakeAccount | null> =>
    this.find((a) => a.portal === portal && foldUsername(a.username) === foldUsername(username));

  findIdByEmail = async (portal: Portal, email: string): Promise<string | null> =>
    this.find((a) => a.portal === portal && foldEmail(a.email) === foldEmail(email))?.id ?? null;

  passwordHistory = async (id: string, length: number): Promise<readonly PastPassword[]> =>
    (this.all.get(id)?.history ?? []).slice(0, length).map((hash, index) => ({
      credentialId: (index === 0 && this.all.get(id)?.credential?.id) || `credential of ${hash}`,
      hash,
      resetId: null,
    }));

  private find(test: (account: FakeAccount) => boolean): FakeAccount | null {
    return [...this.all.values()].find(test) ?? null;
  }
}

type FakeSession = NewSession & { revoked?: boolean };

export class FakeSessions implements SessionStore {
  readonly all = new Map<string, FakeSession>();
  renewals = 0;

  constructor(private readonly accounts: FakeAccounts) {}

  create = async (tokenDigest: string, session: NewSession): Promise<boolean> => {
    if (!this.all.has(tokenDigest)) this.all.set(tokenDigest, session);
    return true;
  };

  find: SessionStore['find'] = async (tokenDigest, nowMs) => {
    const session = this.all.get(tokenDigest);
    const account = session && this.accounts.all.get(session.accountId);
    if (!session || !account?.credential || !this.isOpen(session, nowMs)) return null;
    const { termsVersion, twoStep, credential } = account;
    return { ...session, account, termsVersion, twoStep, passwordSetAtMs: credential.setAtMs };
  };

  renew: SessionStore['renew'] = async (tokenDigest, { idleExpiresAtMs }) => {
    this.all.set(tokenDigest, { ...this.all.get(tokenDigest)!, idleExpiresAtMs });
    this.renewals += 1;
  };

  latest: SessionStore['latest'] = async (accountId, atMost, nowMs) =>
    [...this.all]
      .filter(([, session]) => session.accountId === accountId)
      .map(([tokenDigest, session]) => ({
        ...session,
        tokenDigest,
        atMs: session.createdAtMs,
        ended: !this.isOpen(session, nowMs),
      }))
      .toReversed()
      .slice(0, atMost);

  private isOpen({ revoked, expiresAtMs, idleExpiresAtMs }: FakeSession, nowMs: number): boolean {
    return !revoked && Math.min(expiresAtMs, idleExpiresAtMs ?? Infinity) > nowMs;
  }

  revoke = async (tokenDigest: string): Promise<void> => {
    const session = this.all.get(tokenDigest);
    if (session) this.all.set(tokenDigest, { ...session, revoked: true });
  };

  revokeAll = async (accountId: string): Promise<void> => {
    for (const [digest, session] of this.all) {
      if (session.accountId === accountId) this.all.set(digest, { ...session, revoked: true });
    }
  };
}

/** Budgets without time: empty once `sizes` points are taken; no size means no bound. */
export class FakeLimiter implements RequestLimiter {
  readonly sizes: Partial<Record<LimitName, number>> = {};
  readonly taken = new Map<string, number>();
  waitMs = 1_500;

  take: RequestLimiter['take'] = async (budget, key, points = 1) => {
    const used = (this.taken.get(`${budget} ${key}`) ?? 0) + points;
    this.taken.set(`${budget} ${key}`, used);
    return used > (this.sizes[budget] ?? Infinity) ? this.waitMs : null;
  };

  giveBack: RequestLimiter['giveBack'] = async (budget, key) => {
    this.taken.set(`${budget} ${key}`, this.taken.get(`${budget} ${key}`)! - 1);
  };
}

/** The rows of wrong passwords in memory, by the domain's own rule. */
export class FakePasswordTries implements PasswordTries {
  readonly rows = new Map<string, TryRow>();

  constructor(private readonly sessions: FakeSessions) {}

  isKnownAddress: PasswordTries['isKnownAddress'] = async (credentialId, addressKey, sinceMs) =>
    [...this.sessions.all.values()].some(
      (session) =>
        session.credentialId === credentialId &&
        session.addressKey === addressKey &&
        session.createdAtMs > sinceMs,
    );

  take: PasswordTries['take'] = async (who, allowance, { countsFromMs, nowMs }) => {
    const found = this.rows.get(who);
    const row = found === undefined || found.lastAtMs < countsFromMs ? { wrong: 0, lastAtMs: nowMs } : found;
    const answer = mayTry(row, allowance, nowMs);
    if (answer.kind === 'may-try') this.rows.set(who, { wrong: row.wrong + 1, lastAtMs: nowMs });
    return answer;
  };

  endRow: PasswordTries['endRow'] = async (who) => {
    this.rows.delete(who);
  };
}

export class FakeIdempotency implements IdempotencyStore {
  readonly kept = new Map<
    string,
    { bodyDigest: string; operationId: string; released?: boolean; status?: number; answer?: string }
  >();

  begin: IdempotencyStore['begin'] = async (keyDigest, bodyDigest) => {
    const found = this.kept.get(keyDigest);
    if (!found) {
      const operationId = crypto.randomUUID();
      this.kept.set(keyDigest, { bodyDigest, operationId });
      return { kind: 'claimed', operationId, isRepeated: false };
    }
    if (found.bodyDigest !== bodyDigest) return { kind: 'other-body' };
    if (found.released) {
      this.kept.set(keyDigest, { ...found, released: false });
      return { kind: 'claimed', operationId: found.operationId, isRepeated: true };
    }
    if (found.status === undefined || found.answer === undefined) return { kind: 'running' };
    return { kind: 'answered', status: found.status, answer: found.answer };
  };

  finish: IdempotencyStore['finish'] = async (keyDigest, status, answer) => {
    this.kept.set(keyDigest, { ...this.kept.get(keyDigest)!, status, answer });
  };

  release: IdempotencyStore['release'] = async (keyDigest) => {
    this.kept.set(keyDigest, { ...this.kept.get(keyDigest)!, released: true });
  };

  forget: IdempotencyStore['forget'] = async (keyDigest) => {
    this.kept.delete(keyDigest);
  };
}

export const fakeDigests: TokenDigests & BrokerSecrets = {
  currentId: 'p1',
  ids: ['p1'],
  tokenDigest: (token) => Buffer.from(token).toString('base64url'),
  keyedDigest: (text) => Buffer.from(text).toString('base64url'),
  seal: (purpose, plain) => Buffer.from(JSON.stringify([purpose, plain])).toString('base64'),
  open: (purpose, sealed) => {
    try {
      const [madeFor, plain] = JSON.parse(Buffer.from(sealed, 'base64').toString()) as [string, string];
      return madeFor === purpose ? plain : null;
    } catch {
      return null;
    }
  },
  ssnDigest: (pepperId, ssnLast6) => `${pepperId}:${ssnLast6}`,
  invitationCode: (_, invitationId) => invitationCodeFromMac(Buffer.from(invitationId)),
  invitationCodeDigest: (code) => `code:${code}`,
};

/** An answer that can be read, beside its salt. */
export const fakeStretcher: AnswerStretcher = {
  stretch: async (answer, salt, foldVersion) => `${salt}:${foldAnswer(answer, foldVersion)}`,
  newSalt: () => crypto.randomUUID(),
};

export class FakeApiKeys implements ApiKeys {
  readonly all = new Map<string, ApiKeyHolder>();

  /** A new key with these scopes. */
  create(...scopes: ApiKeyHolder['scopes']): { key: string; id: string } {
    const [key, id] = [crypto.randomUUID(), crypto.randomUUID()];
    this.all.set(fakeDigests.tokenDigest(key), { id, name: 'back office', scopes, staffNumber: null });
    return { key, id };
  }

  revoke(key: string): void {
    this.all.delete(fakeDigests.tokenDigest(key));
  }

  findByDigest: ApiKeys['findByDigest'] = async (digest) => this.all.get(digest) ?? null;
}
