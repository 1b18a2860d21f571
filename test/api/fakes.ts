/** The ports of src/api/ports.ts in memory, for driving the real application without database or Temporal. */
import type {
  AccountWithCredential,
  HeldReset,
  IdempotencyStore,
  LimitName,
  NewSession,
  PasswordResets,
  PastPassword,
  RequestLimiter,
  SessionStore,
  TokenDigests,
} from '../../src/api/ports';
import { AppError } from '../../src/api/problems';
import type { Portal } from '../../src/domain/portal';
import { portalPolicies } from '../../src/domain/portal';
import {
  cancelReset,
  endReset,
  makeNextPin,
  mayChoose,
  openReset,
  resetTerms,
  submitProof,
  viewFor,
  type ResetState,
} from '../../src/domain/password-reset';
import { foldEmail, foldUsername, maskEmail } from '../../src/domain/text';

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
      history: [hash],
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
    (this.all.get(id)?.history ?? [])
      .slice(0, length)
      .map((hash) => ({ credentialId: `credential of ${hash}`, hash, resetId: null }));

  private find(test: (account: FakeAccount) => boolean): FakeAccount | null {
    return [...this.all.values()].find(test) ?? null;
  }
}

export class FakeSessions implements SessionStore {
  readonly all = new Map<string, NewSession & { revoked?: boolean }>();

  constructor(private readonly accounts: FakeAccounts) {}

  create = async (tokenDigest: string, session: NewSession): Promise<void> => {
    this.all.set(tokenDigest, session);
  };

  find: SessionStore['find'] = async (tokenDigest, nowMs) => {
    const session = this.all.get(tokenDigest);
    const account = session && this.accounts.all.get(session.accountId);
    if (!session || !account?.credential || session.revoked || session.expiresAtMs <= nowMs) return null;
    return { ...session, account, passwordSetAtMs: account.credential.setAtMs };
  };

  revoke = async (tokenDigest: string): Promise<void> => {
    const session = this.all.get(tokenDigest);
    if (session) this.all.set(tokenDigest, { ...session, revoked: true });
  };

  revokeAll(accountId: string): void {
    for (const [digest, session] of this.all) {
      if (session.accountId === accountId) this.all.set(digest, { ...session, revoked: true });
    }
  }
}

interface FakeRun {
  readonly email: string;
  readonly accountId: string | null;
  state: ResetState;
}

/** Runs over the real domain; the n-th PIN of every run is `1785`, `2785`, `3785`. */
export class FakeResets implements PasswordResets {
  readonly runs = new Map<string, FakeRun>();
  readonly staged = new Map<string, string>();
  readonly calls: string[] = [];
  exhaustedForMs: number | null | undefined;
  losesStaged = false;
  private readonly holders = new Map<string, string>();

  constructor(
    private readonly accounts: FakeAccounts,
    private readonly sessions: FakeSessions,
    private readonly clock: () => number,
  ) {}

  openForMember: PasswordResets['openForMember'] = async (email) => {
    this.calls.push('open');
    if (this.exhaustedForMs !== undefined) return { kind: 'exhausted', retryAfterMs: this.exhaustedForMs };
    const token = crypto.randomUUID();
    const open = [...this.runs].find(([, run]) => run.email === foldEmail(email) && !run.state.ending);
    const resetId = open?.[0] ?? crypto.randomUUID();
    if (!open) {
      const accountId = await this.accounts.findIdByEmail('member', email);
      const terms = resetTerms(portalPolicies.member);
      const state = openReset(terms, { pinsLeft: 3, guessesLeft: 9 }, token, this.clock());
      this.runs.set(resetId, { email: foldEmail(email), accountId, state });
    }
    this.holders.set(token, resetId);
    const { view } = this.held(resetId, token);
    return {
      kind: 'opened',
      reset: { resetId, token, portal: 'member', sentTo: maskEmail(email), view },
    };
  };

  look = async (resetId: string, token: string): Promise<HeldReset> => this.held(resetId, token);

  lookBeforeChoosing = this.look;

  submitPin: PasswordResets['submitPin'] = async (resetId, token, pin) => {
    this.calls.push('pin');
    const run = this.run(resetId, token);
    const pins = ['1785', '2785', '3785'];
    const [state, answer] = submitProof(run.state, pins, { token, digest: pin }, this.clock());
    run.state = state;
    if (answer.kind === 'accepted') return { kind: 'accepted', reset: this.held(resetId, token) };
    return answer.kind === 'exhausted' ? { kind: 'exhausted', retryAfterMs: 60_500 } : answer;
  };

  resend: PasswordResets['resend'] = async (resetId, token) => {
    const run = this.run(resetId, token);
    const [state, answer] = makeNextPin(run.state, token, this.clock());
    run.state = state;
    if (answer.kind === 'made') return { kind: 'made', reset: this.held(resetId, token) };
    if (answer.kind === 'too-soon') {
      return { kind: 'too-soon', retryAfterMs: answer.availableAtMs - this.clock() };
    }
    return answer.kind === 'exhausted' ? { kind: 'exhausted', retryAfterMs: null } : { kind: answer.kind };
  };

  commitPassword: PasswordResets['commitPassword'] = async (resetId, token, stagedId) => {
    const run = this.run(resetId, token);
    const answer = mayChoose(run.state, token, this.clock());
    if (answer !== 'may-choose') return { kind: answer };
    const hash = this.staged.get(stagedId);
    if (this.losesStaged || hash === undefined || run.accountId === null) return { kind: 'lost' };
    this.accounts.setHash(run.accountId, stagedId, hash, this.clock());
    this.sessions.revokeAll(run.accountId);
    run.state = endReset(run.state, 'completed');
    return { kind: 'done', reset: this.held(resetId, token) };
  };

  showUsername: PasswordResets['showUsername'] = async (resetId, token) => {
    const run = this.run(resetId, token);
    const answer = mayChoose(run.state, token, this.clock());
    if (answer !== 'may-choose') return { kind: answer };
    run.state = endReset(run.state, 'username-shown');
    return { kind: 'done', reset: this.held(resetId, token) };
  };

  cancel = async (resetId: string, token: string): Promise<void> => {
    const run = this.run(resetId, token);
    run.state = cancelReset(run.state, token);
  };

  private run(resetId: string, token: string): FakeRun {
    const run = this.runs.get(resetId);
    if (!run || this.holders.get(token) !== resetId) throw new AppError('unauthorized');
    return run;
  }

  private held(resetId: string, token: string): HeldReset {
    const { email, accountId, state } = this.run(resetId, token);
    const proved = state.proof?.token === token;
    return {
      resetId,
      portal: 'member',
      sentTo: maskEmail(email),
      view: viewFor(state, token),
      ...(proved && accountId !== null && { accountId }),
    };
  }
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

  blockedForMs: RequestLimiter['blockedForMs'] = async (budget, key) =>
    (this.taken.get(`${budget} ${key}`) ?? 0) >= (this.sizes[budget] ?? Infinity) ? this.waitMs : null;
}

export class FakeIdempotency implements IdempotencyStore {
  readonly kept = new Map<string, { bodyDigest: string; status?: number; answer?: string }>();

  begin: IdempotencyStore['begin'] = async (keyDigest, bodyDigest) => {
    const found = this.kept.get(keyDigest);
    if (!found) {
      this.kept.set(keyDigest, { bodyDigest });
      return { kind: 'claimed' };
    }
    if (found.bodyDigest !== bodyDigest) return { kind: 'other-body' };
    if (found.status === undefined || found.answer === undefined) return { kind: 'running' };
    return { kind: 'answered', status: found.status, answer: found.answer };
  };

  finish: IdempotencyStore['finish'] = async (keyDigest, status, answer) => {
    this.kept.set(keyDigest, { ...this.kept.get(keyDigest)!, status, answer });
  };

  release: IdempotencyStore['release'] = async (keyDigest) => {
    this.kept.delete(keyDigest);
  };
}

export const fakeDigests: TokenDigests = {
  tokenDigest: (token) => Buffer.from(token).toString('base64url'),
  keyedDigest: (text) => Buffer.from(text).toString('base64url'),
  seal: (purpose, plain) => Buffer.from(JSON.stringify([purpose, plain])).toString('base64'),
  open: (purpose, sealed) => {
    const [madeFor, plain] = JSON.parse(Buffer.from(sealed, 'base64').toString()) as [string, string];
    return madeFor === purpose ? plain : null;
  },
};
