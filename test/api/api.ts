/** The real application on a real socket. Every answer that comes through `call` is held against the OpenAPI document. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pino } from 'pino';
import { addressKey, networkKeys } from '../../src/adapters/postgres/rate-limits';
import { createApp, type ApiDeps } from '../../src/api/app';
import type { ListedRotation, RotationList } from '../../src/ports/password-rotation';
import type { TermsAcceptance } from '../../src/ports/accounts';
import type { PasswordReplacement } from '../../src/ports/session';
import type { AuditEvent } from '../../src/contracts/audit';
import { FakeResetRecords } from '../support/fake-reset-records';
import { noOps } from '../support/no-ops';
import { noPlanChanges } from '../support/no-plan-changes';
import { expectToFitDocument, type Document } from './document';
import { FakeBrokers } from './fake-brokers';
import { FakeResets } from './fake-resets';
import { FakeSignIns } from './fake-sign-ins';
import {
  fakeDigests,
  fakeHash,
  fakeStretcher,
  FakeAccounts,
  FakeApiKeys,
  FakeIdempotency,
  FakeLimiter,
  FakePasswordTries,
  FakeSessions,
} from './fakes';
import { brand, portalPolicies } from '../support/brand';

export interface CallOptions {
  readonly body?: unknown;
  /** Sent as it is, instead of `body`. */
  readonly raw?: string | Uint8Array<ArrayBuffer>;
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** JSON as it came; the tests look at its shape, and `expectToFitDocument` has held it against the document. */
// oxlint-disable-next-line typescript/no-explicit-any -- a type here would claim what the tests are there to find out
export type Json = any;

export interface Called {
  readonly status: number;
  readonly headers: Headers;
  readonly body: Json;
}

export type Api = Awaited<ReturnType<typeof startApi>>;

/** Of the first API of a file: it is the same for all of them, and making it takes longer than most tests. */
let firstDocument: Document | undefined;

/** `overrides` take the place of single fakes. `nowMs.value` is the clock. */
export async function startApi(overrides: Partial<ApiDeps> = {}) {
  const nowMs = { value: Date.parse('2026-03-02T15:00:00Z') };
  const clock = (): number => nowMs.value;
  const accounts = new FakeAccounts();
  const sessions = new FakeSessions(accounts);
  const brokers = new FakeBrokers(accounts);
  const resets = new FakeResets(accounts, sessions, brokers, clock);
  const signIns = new FakeSignIns(accounts, clock);
  const apiKeys = new FakeApiKeys();
  const events: AuditEvent[] = [];
  const limiter = new FakeLimiter();
  const passwordTries = new FakePasswordTries(sessions);
  const idempotency = new FakeIdempotency();
  const hashed: string[] = [];
  /** What was compared with the hash of a password. */
  const compared: string[] = [];
  /** What emails were announced about: a credential, a reminder, an invitation. */
  const notices: string[] = [];
  const replaced: PasswordReplacement[] = [];
  const accepted: TermsAcceptance[] = [];
  const listed: ListedRotation[] = [];
  const asked: Parameters<RotationList['list']>[0][] = [];
  const ready = { database: true, temporal: true, worker: true };
  const logLines: string[] = [];

  const app = createApp({
    ...noPlanChanges,
    ...noOps,
    resets,
    resetRecords: new FakeResetRecords(),
    signIns,
    signInRecords: signIns,
    twoStep: signIns,
    accounts,
    sessions,
    limiter,
    passwordTries,
    idempotency,
    digests: fakeDigests,
    brokers,
    registrations: brokers,
    invitations: brokers,
    stretcher: fakeStretcher,
    apiKeys,
    audit: {
      record: async (event) => {
        events.push(event);
      },
    },
    hasher: {
      hash: async (password) => {
        hashed.push(password);
        return fakeHash(password);
      },
      verify: async (hash, password) => {
        compared.push(password);
        return hash === fakeHash(password);
      },
      verifyNobody: async () => false,
    },
    staging: {
      stage: async ({ stagedId, hash }) => {
        if (!resets.staged.has(stagedId)) resets.staged.set(stagedId, hash);
      },
    },
    replacer: {
      replace: async (replacement) => {
        const { accountId, credentialId, previousCredentialId, hash, atMs } = replacement;
        if (accounts.all.get(accountId)?.credential?.id !== previousCredentialId) return false;
        replaced.push(replacement);
        accounts.setHash(accountId, credentialId, hash, atMs);
        await sessions.revokeAll(accountId);
        return true;
      },
    },
    notices: {
      announcePasswordChanged: async ({ credentialId }) => {
        notices.push(credentialId);
      },
      announceUsernameReminded: async ({ reminderId }) => {
        notices.push(reminderId);
      },
      announceRegistered: async ({ accountId }) => {
        notices.push(accountId);
      },
      announceInvitation: async ({ invitationId }) => {
        notices.push(invitationId);
      },
    },
    readiness: {
      database: async () => ready.database,
      temporal: async () => ready.temporal,
      worker: async () => ready.worker,
    },
    policies: portalPolicies,
    texts: brand.texts,
    terms: brand.terms,
    termsAcceptances: {
      accept: async (acceptance) => {
        const account = accounts.all.get(acceptance.accountId)!;
        accepted.push(acceptance);
        accounts.all.set(account.id, { ...account, termsVersion: acceptance.version });
      },
    },
    rotations: { list: async (query) => (asked.push(query), listed) },
    commonPasswords: { member: new Set(['password1', 'qwerty12']), broker: new Set(['abc123']) },
    trustProxy: true,
    version: '0.0.0',
    logger: pino({ level: 'debug' }, { write: (line: string) => logLines.push(line) }),
    clock,
    newId: () => crypto.randomUUID(),
    addressKey,
    networkKeys,
    isDatabaseAway: (error) => (error as { code?: unknown }).code === 'ECONNREFUSED',
    ...overrides,
  });

  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  firstDocument ??= (await (await fetch(`${url}/openapi.json`)).json()) as Document;
  const document = firstDocument;

  const call = async (method: string, path: string, options: CallOptions = {}): Promise<Called> => {
    const sent = options.raw ?? (options.body === undefined ? undefined : JSON.stringify(options.body));
    const response = await fetch(url + path, {
      method,
      headers: {
        ...(sent !== undefined && { 'content-type': 'application/json' }),
        ...(options.token !== undefined && { authorization: `Bearer ${options.token}` }),
        ...options.headers,
      },
      ...(sent !== undefined && { body: sent }),
    });
    const text = await response.text();
    const isJson = /json/.test(response.headers.get('content-type') ?? '');
    const called = {
      status: response.status,
      headers: response.headers,
      body: isJson ? JSON.parse(text) : text,
    };
    expectToFitDocument(document, method, path, called);
    return called;
  };

  return {
    url,
    document,
    call,
    accounts,
    sessions,
    resets,
    signIns,
    brokers,
    apiKeys,
    events,
    limiter,
    passwordTries,
    idempotency,
    hashed,
    compared,
    notices,
    replaced,
    accepted,
    /** What the list of rotations was asked, and what it answers. */
    rotations: { asked, listed },
    ready,
    logLines,
    nowMs,
    /** A reset of `email`, opened; proved as well with `pin: '1785'`. */
    open: async (
      email = 'maria@example.com',
      { pin }: { pin?: string } = {},
    ): Promise<{ path: string; token: string }> => {
      const { body } = await call('POST', '/v1/portals/member/password-resets', { body: { email } });
      const opened = { path: `/v1/password-resets/${body.id}`, token: body.token as string };
      if (pin !== undefined) await call('POST', `${opened.path}/pin`, { token: opened.token, body: { pin } });
      return opened;
    },
    close: async (): Promise<void> => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
}
