/** The routes of operators over fakes: who may, what is passed on, and what is written down. */
import { randomUUID } from 'node:crypto';
import type { ApiKeyHolder } from '../../../src/ports/api-key';
import type {
  LedgerEmail,
  OpsRun,
  OpsRuns,
  ResendableEmail,
  RunFilter,
  TimelinePage,
  TimelineRecord,
} from '../../../src/ports/ops';
import { AppError } from '../../../src/api/http/problems';
import type { AuditEvent } from '../../../src/contracts/audit';
import { startApi, type Api, type Called } from '../api';
import { expectToFitDocument } from '../document';

const ADDRESS = '192.0.2.7';
const NOW_MS = Date.parse('2026-11-26T10:00:00Z');

class FakeRuns implements OpsRuns {
  readonly asked: { readonly filter: RunFilter; readonly page: string | undefined }[] = [];
  readonly cancelled: string[] = [];
  readonly resent: ResendableEmail[] = [];
  readonly resendIds: string[] = [];
  runs: OpsRun[] = [];
  nextPage: string | null = null;
  isAway = false;
  cancellable = true;
  sending = false;
  resentAs: string | null = 'notice/again';

  async list(filter: RunFilter, page: string | undefined) {
    if (this.isAway) throw new AppError('unavailable', { retryAfterSeconds: 2 });
    this.asked.push({ filter, page });
    return { runs: this.runs, nextPage: this.nextPage };
  }

  concerning: OpsRuns['concerning'] = async () => (this.isAway ? null : this.runs);

  findOpen: OpsRuns['findOpen'] = async (workflowId) =>
    this.runs.find((run) => run.workflowId === workflowId && run.closedAtMs === null) ?? null;

  async requestCancel(workflowId: string): Promise<boolean> {
    this.cancelled.push(workflowId);
    return this.cancellable;
  }

  findCancelled: OpsRuns['findCancelled'] = async (workflowId) =>
    this.runs.find((run) => run.workflowId === workflowId && run.status === 'cancelled') ?? null;

  findResend: OpsRuns['findResend'] = async (_email, resendId) =>
    this.resendIds.includes(resendId) ? this.resentAs : null;

  isBeingSent: OpsRuns['isBeingSent'] = async () => this.sending;

  async resend(email: ResendableEmail, resendId: string): Promise<string | null> {
    this.resent.push(email);
    this.resendIds.push(resendId);
    return this.resentAs;
  }
}

let api: Api;
let runs: FakeRuns;
let ops: { key: string; id: string };
let records: TimelineRecord[] | null;
let pages: { readonly of: string; readonly page: TimelinePage }[];
let emails: LedgerEmail[];
/** Accounts whose people may start again. */
let allowed: { ids: string[]; isAway: boolean };

beforeEach(async () => {
  runs = new FakeRuns();
  [records, pages, emails] = [[], [], []];
  allowed = { ids: [], isAway: false };
  const read = async (of: string, page: TimelinePage) => {
    pages.push({ of, page });
    return records;
  };
  api = await startApi({
    opsRuns: runs,
    recovery: {
      allow: async (id) => {
        if (allowed.isAway) throw new Error('away');
        return allowed.ids.push(id) > 0;
      },
    },
    timelines: { ofAccount: read, ofCustomer: read },
    emails: { find: async (messageId) => emails.find((email) => email.messageId === messageId) ?? null },
  });
  api.nowMs.value = NOW_MS;
  ops = api.apiKeys.create('ops');
});
afterEach(() => api.close());

async function call(method: string, path: string, body?: object, token = ops.key): Promise<Called> {
  const headers = { 'x-forwarded-for': ADDRESS };
  const called = await api.call(method, path, { token, headers, ...(body !== undefined && { body }) });
  expectToFitDocument(api.document, method, path.split('?')[0] ?? '', called);
  return called;
}
const get = (path: string): Promise<Called> => call('GET', `/v1/ops${path}`);
const post = (path: string, body?: object): Promise<Called> => call('POST', `/v1/ops${path}`, body);

const event = (fields: Partial<AuditEvent>): Partial<AuditEvent> => ({
  atMs: NOW_MS,
  outcome: 'success',
  apiKeyId: ops.id,
  address: ADDRESS,
  ...fields,
});

const run = (fields: Partial<OpsRun> = {}): OpsRun => ({
  workflowId: 'password-reset/member/abc',
  runId: 'r1',
  type: 'passwordReset',
  status: 'open',
  startedAtMs: NOW_MS - 60_000,
  closedAtMs: null,
  portal: 'member',
  stage: 'pin',
  account: null,
  customer: null,
  agent: null,
  route: null,
  outcome: null,
  ...fields,
});

const signedIn = (atMs: number, number: number): TimelineRecord => ({
  atMs,
  id: `audit:${String(number).padStart(19, '0')}`,
  fact: {
    source: 'audit',
    action: 'signed-in',
    outcome: 'success',
    planChangeId: null,
    apiKeyId: null,
    about: null,
    reason: null,
    operator: null,
  },
});

describe('Operator routes', () => {
  const id = randomUUID();
  it.each([
    ['GET', '/v1/ops/runs'],
    ['GET', `/v1/ops/accounts/${id}/timeline`],
    ['GET', '/v1/ops/customers/C-1/timeline'],
    ['POST', '/v1/ops/runs/cancel'],
    ['POST', '/v1/ops/emails/password-changed.x/resend'],
  ])('Only API keys with the scope ops can call %s %s', async (method, path) => {
    const others: ApiKeyHolder['scopes'] = ['accounts', 'intake', 'unit', 'audit'];
    const other = api.apiKeys.create(...others);
    const body = method === 'POST' ? {} : undefined;

    const answers = [await call(method, path, body, other.key), await call(method, path, body, 'nobody')];

    expect(answers.map(({ status }) => status)).toEqual([403, 401]);
    expect(api.events).toEqual([]);
  });
});

describe('GET /v1/ops/runs', () => {
  it('The run list shows what Temporal lists, and the audit log records the search', async () => {
    const account = randomUUID();
    runs.runs = [run({ account }), run({ status: 'completed', closedAtMs: NOW_MS, outcome: 'completed' })];

    const { status, body } = await get(`/runs?account=${account.toUpperCase()}&stage=pin&customer=C-500001`);

    expect(status).toBe(200);
    expect(body.nextCursor).toBeNull();
    expect(body.runs).toEqual([
      {
        workflowId: 'password-reset/member/abc',
        runId: 'r1',
        type: 'passwordReset',
        status: 'open',
        startedAt: '2026-11-26T09:59:00.000Z',
        closedAt: null,
        portal: 'member',
        stage: 'pin',
        account,
        customer: null,
        agent: null,
        route: null,
        outcome: null,
      },
      expect.objectContaining({
        status: 'completed',
        closedAt: '2026-11-26T10:00:00.000Z',
        outcome: 'completed',
      }),
    ]);
    const filter = { stage: 'pin', account, customer: 'C-500001' };
    expect(runs.asked).toEqual([{ filter, page: undefined }]);
    expect(api.events).toEqual([
      event({
        action: 'runs-listed',
        accountId: account,
        about: `stage=pin account=${account} customer=C-500001`,
      }),
    ]);
  });

  it('The run list’s cursor continues at Temporal’s own page, and only for the same search', async () => {
    runs.nextPage = 'temporal-page-2';
    const { body } = await get('/runs?stage=pin');

    const next = await get(`/runs?stage=pin&cursor=${encodeURIComponent(body.nextCursor)}`);
    const foreign = await get(`/runs?stage=password&cursor=${encodeURIComponent(body.nextCursor)}`);

    expect(next.status).toBe(200);
    expect(runs.asked.at(-1)).toEqual({ filter: { stage: 'pin' }, page: 'temporal-page-2' });
    expect(foreign).toMatchObject({
      status: 422,
      body: { code: 'invalid_fields', errors: [{ pointer: 'query:cursor', code: 'wrong_format' }] },
    });
  });

  it.each([
    ['cursor=garbage', 'query:cursor', 'wrong_format'],
    ['cursor=', 'query:cursor', 'required'],
    ["stage=pin'%20OR%20'1'='1", 'query:stage', 'wrong_format'],
    ['account=me', 'query:account', 'wrong_format'],
    ['type=somethingElse', 'query:type', 'not_one_of'],
    ['portal=agent', 'query:portal', 'not_one_of'],
    ["customer=O'Hara", 'query:customer', 'wrong_format'],
    ['customer=a%00b', 'query:customer', 'control_character'],
    ['status=open', 'query:status', 'unknown_field'],
  ])('The run list refuses the query %s', async (query, pointer, code) => {
    expect(await get(`/runs?${query}`)).toMatchObject({ status: 422, body: { errors: [{ pointer, code }] } });
    expect(runs.asked).toEqual([]);
  });

  it('The run list answers 503 while Temporal is unavailable', async () => {
    runs.isAway = true;

    const { status, headers } = await get('/runs');

    expect([status, headers.get('retry-after')]).toEqual([503, '2']);
  });
});

describe('Two-step verification off', () => {
  const turnOff = (id: string, body: object, token = ops.key) =>
    call('POST', `/v1/ops/accounts/${id}/two-step-off`, body, token);
  const reason = 'the mailbox is gone';

  it('An operator turns off two-step verification with a reason, under the API key', async () => {
    const { id } = api.accounts.add({ twoStep: true });

    expect(await turnOff(id, { reason })).toMatchObject({ status: 204, body: '' });
    expect(api.accounts.all.get(id)?.twoStep).toBe(false);
    expect(api.signIns.turnedOff).toMatchObject([{ accountId: id, reason, apiKeyId: expect.any(String) }]);
  });

  it('An unknown account is answered 404, and the request is audited; a reason is required', async () => {
    const id = randomUUID();

    expect(await turnOff(id, { reason })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(api.events).toEqual([
      event({ action: 'two-step-off', outcome: 'not_found', accountId: id, reason }),
    ]);
    expect((await turnOff(id, {})).status).toBe(422);
  });
});

describe('Recovery allowance', () => {
  const allow = (id: string, body: object, token = ops.key) =>
    call('POST', `/v1/ops/accounts/${id}/recovery-allowance`, body, token);
  const reason = 'a stranger used the tries up';

  it('A recovery allowance is audited with its reason and API key before it is granted', async () => {
    const { id } = api.accounts.add();
    allowed.isAway = true;
    const failed = await allow(id, { reason });
    allowed.isAway = false;

    expect(failed.status).toBe(500);
    expect(api.events).toEqual([event({ action: 'recovery-allowed', accountId: id, reason })]);
    expect(await allow(id, { reason })).toMatchObject({ status: 204, body: '' });
    expect(allowed.ids).toEqual([id]);
  });

  it('A recovery allowance can be granted twice', async () => {
    const { id } = api.accounts.add();

    expect([(await allow(id, { reason })).status, (await allow(id, { reason })).status]).toEqual([204, 204]);
  });

  it('A recovery allowance for an unknown account is answered 404, and the request is audited', async () => {
    const id = randomUUID();

    expect(await allow(id, { reason })).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(allowed.ids).toEqual([]);
    expect(api.events).toEqual([
      event({ action: 'recovery-allowed', outcome: 'not_found', accountId: id, reason }),
    ]);
  });

  it('A recovery allowance requires a reason and the scope ops', async () => {
    const { id } = api.accounts.add();

    expect(await allow(id, {})).toMatchObject({ status: 422 });
    expect(await allow(id, { reason: ' ' })).toMatchObject({ status: 422 });
    expect(await allow(id, { reason }, api.apiKeys.create('audit').key)).toMatchObject({ status: 403 });
    expect(allowed.ids).toEqual([]);
  });
});

describe('Timeline', () => {
  const id = randomUUID();

  it('A timeline merges records and runs, newest first, each as a sentence', async () => {
    records = [signedIn(NOW_MS - 1000, 2), signedIn(NOW_MS - 90_000, 1)];
    runs.runs = [run()];

    const { status, body } = await get(`/accounts/${id}/timeline`);

    expect(status).toBe(200);
    expect(body).toMatchObject({ runsListed: true, nextCursor: null });
    expect(
      body.entries.map(({ at, kind, text }: Record<string, string>) => [at?.slice(11, 19), kind, text]),
    ).toEqual([
      ['09:59:59', 'signed-in', 'They signed in.'],
      ['09:59:00', 'run', 'The password reset is open, at the step “pin”.'],
      ['09:58:30', 'signed-in', 'They signed in.'],
    ]);
    expect(api.events).toEqual([event({ action: 'timeline-read', accountId: id })]);
  });

  it('A timeline is in the language of Accept-Language', async () => {
    records = [signedIn(NOW_MS - 1000, 1)];
    runs.runs = [run()];
    const headers = { 'accept-language': 'es-MX, en;q=0.5' };

    const { body } = await api.call('GET', `/v1/ops/accounts/${id}/timeline`, { token: ops.key, headers });

    expect(body.entries.map(({ text }: { text: string }) => text)).toEqual([
      'Inició sesión.',
      'El restablecimiento de contraseña está abierto, en el paso “pin”.',
    ]);
  });

  it('A timeline is paged, with the runs on its first page', async () => {
    const all = Array.from({ length: 51 }, (_, index) => signedIn(NOW_MS - index, 100 - index));
    records = all;
    runs.runs = [run()];
    const first = await get(`/accounts/${id}/timeline`);
    records = all.slice(50);

    const second = await get(`/accounts/${id}/timeline?cursor=${first.body.nextCursor}`);

    expect(first.body.entries).toHaveLength(51);
    expect(pages).toEqual([
      { of: id, page: { after: undefined, limit: 51 } },
      { of: id, page: { after: { atMs: all[49]?.atMs, id: all[49]?.id }, limit: 51 } },
    ]);
    expect(second.body.entries).toHaveLength(1);
    expect(second.body).toMatchObject({ runsListed: false, nextCursor: null });
  });

  it('A timeline omits runs while Temporal is unavailable', async () => {
    records = [signedIn(NOW_MS, 1)];
    runs.isAway = true;

    const { status, body } = await get(`/accounts/${id}/timeline`);

    expect(status).toBe(200);
    expect(body.runsListed).toBe(false);
    expect(body.entries).toHaveLength(1);
  });

  it('A timeline of an unknown account or customer is answered 404, and the request is audited', async () => {
    records = null;

    expect(await get(`/accounts/${id}/timeline`)).toMatchObject({ status: 404, body: { code: 'not_found' } });
    expect(await get('/customers/C-9/timeline')).toMatchObject({ status: 404 });
    expect(await get('/accounts/maria/timeline')).toMatchObject({ status: 404 });
    expect(api.events).toEqual([
      event({ action: 'timeline-read', outcome: 'not_found', accountId: id }),
      event({ action: 'timeline-read', outcome: 'not_found', about: 'customer=C-9' }),
    ]);
  });

  it.each([
    'garbage',
    Buffer.from('[1,"elsewhere:1"]').toString('base64url'),
    Buffer.from('[1e300,"audit:1"]').toString('base64url'),
    Buffer.from(`[1,"audit:1') OR ('1'='1"]`).toString('base64url'),
  ])('A timeline refuses the cursor %s', async (cursor) => {
    expect(await get(`/customers/C-1/timeline?cursor=${cursor}`)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer: 'query:cursor', code: 'wrong_format' }] },
    });
    expect(pages).toEqual([]);
  });
});

describe('POST /v1/ops/runs/cancel', () => {
  const reason = 'The caller gave up.';

  it('A cancel request reaches the run and is audited with its API key and reason', async () => {
    const account = randomUUID();
    runs.runs = [run({ account })];

    const { status, body } = await post('/runs/cancel', { workflowId: 'password-reset/member/abc', reason });

    expect([status, body]).toEqual([202, { workflowId: 'password-reset/member/abc', runId: 'r1' }]);
    expect(runs.cancelled).toEqual(['password-reset/member/abc']);
    expect(api.events).toEqual([
      event({
        action: 'run-cancel-requested',
        about: 'password-reset/member/abc',
        reason,
        accountId: account,
      }),
    ]);
  });

  it.each(['plan-change/', 'notice/plan-change-waiting.', 'notice/agent-of-record-lost.'])(
    'The audit event of a cancel request names the plan change in a workflow ID %s...',
    async (prefix) => {
      const planChangeId = randomUUID();
      const workflowId = `${prefix}${planChangeId}`;
      runs.runs = [run({ workflowId, type: 'planChange' })];

      await post('/runs/cancel', { workflowId, reason });

      expect(api.events).toEqual([
        event({ action: 'run-cancel-requested', about: workflowId, reason, planChangeId }),
      ]);
    },
  );

  it.each(['plan-change/------------------------------------', 'plan-change/', 'notice/plan-change-x.y'])(
    'The audit event of a cancel request names no plan change for the workflow ID %s',
    async (workflowId) => {
      await post('/runs/cancel', { workflowId, reason });

      expect(api.events).toEqual([
        event({ action: 'run-cancel-requested', outcome: 'not_found', about: workflowId, reason }),
      ]);
    },
  );

  it('A cancel request is answered 404 for a run that is closed, just closing, or unknown', async () => {
    runs.runs = [run({ status: 'completed', closedAtMs: NOW_MS })];
    const closed = await post('/runs/cancel', { workflowId: 'password-reset/member/abc', reason });
    runs.runs = [run()];
    runs.cancellable = false;
    const ending = await post('/runs/cancel', { workflowId: 'password-reset/member/abc', reason });
    const unknown = await post('/runs/cancel', { workflowId: 'nothing', reason });

    expect([closed.status, ending.status, unknown.status]).toEqual([404, 404, 404]);
    expect(api.events.map(({ outcome }) => outcome)).toEqual(['not_found', 'success', 'not_found']);
    expect(runs.cancelled).toEqual(['password-reset/member/abc']);
  });

  it('A cancel request repeated after a 503 is answered 202 even if the run was cancelled since', async () => {
    const body = { workflowId: 'password-reset/member/abc', reason };
    runs.runs = [run()];
    runs.requestCancel = async () => {
      runs.runs = [run({ status: 'cancelled', closedAtMs: NOW_MS })];
      throw new AppError('unavailable');
    };
    const cancel = (key: string): Promise<Called> =>
      api.call('POST', '/v1/ops/runs/cancel', {
        token: ops.key,
        body,
        headers: { 'idempotency-key': key },
      });

    const answers = [await cancel('key-1'), await cancel('key-1'), await cancel('key-2')];

    expect(answers.map(({ status }) => status)).toEqual([503, 202, 404]);
  });

  it.each([
    [{ workflowId: 'a/b' }, '/reason', 'required'],
    [{ workflowId: 'a b', reason }, '/workflowId', 'wrong_format'],
    [{ workflowId: 'a', reason: ' ' }, '/reason', 'required'],
    [{ workflowId: 'a', reason, force: true }, '/force', 'unknown_field'],
  ])('A cancel request with the body %j is refused', async (body, pointer, code) => {
    expect(await post('/runs/cancel', body)).toMatchObject({
      status: 422,
      body: { errors: [{ pointer, code }] },
    });
    expect(api.events).toEqual([]);
  });
});

describe('POST /v1/ops/emails/{messageId}/resend', () => {
  const accountId = randomUUID();
  const reference = randomUUID();
  const ledgerEmail = (fields: Partial<LedgerEmail> = {}): LedgerEmail => {
    const { kind = 'password-changed' } = fields;
    return {
      messageId: `${kind}.${reference}`,
      kind,
      accountId,
      reference,
      status: 'refused',
      resends: 0,
      firstTriedAtMs: NOW_MS - 1000,
      validUntilMs: NOW_MS + 1,
      ...fields,
    };
  };
  const resend = (messageId: string): Promise<Called> => post(`/emails/${messageId}/resend`);
  const resendOf = async (email: LedgerEmail): Promise<Called> => {
    emails = [email];
    return resend(email.messageId);
  };

  it('A resend starts another run and is audited with its API key', async () => {
    const email = ledgerEmail();

    const { status, body } = await resendOf(email);

    expect([status, body]).toEqual([202, { messageId: email.messageId, workflowId: 'notice/again' }]);
    expect(runs.resent).toEqual([email]);
    expect(api.events).toEqual([
      event({ action: 'email-resend-requested', about: email.messageId, accountId }),
    ]);
  });

  it('Two resends under one Idempotency-Key start one run', async () => {
    emails = [ledgerEmail()];
    const twice = async (): Promise<Called> =>
      api.call('POST', `/v1/ops/emails/${emails[0]?.messageId}/resend`, {
        token: ops.key,
        headers: { 'idempotency-key': 'once' },
      });

    const [first, second] = [await twice(), await twice()];

    expect(second).toMatchObject({ status: first.status, body: first.body });
    expect(runs.resent).toHaveLength(1);
  });

  it('A resend repeated after a 503 starts no second run, even while the email is being sent', async () => {
    emails = [ledgerEmail()];
    const again = (): Promise<Called> =>
      api.call('POST', `/v1/ops/emails/${emails[0]?.messageId}/resend`, {
        token: ops.key,
        headers: { 'idempotency-key': 'once' },
      });
    const { resend: start } = runs;
    runs.resend = async (...args) => {
      await start.apply(runs, args);
      runs.sending = true;
      throw new AppError('unavailable');
    };

    const answers = [await again(), await again()];

    expect(answers.map(({ status }) => status)).toEqual([503, 202]);
    expect(answers[1]?.body.workflowId).toBe('notice/again');
    expect(runs.resent).toHaveLength(1);
  });

  it('The audit event of a resend names the plan change that the email is about', async () => {
    await resendOf(ledgerEmail({ kind: 'agent-of-record-lost', accountId: null }));

    expect(api.events).toEqual([
      event({
        action: 'email-resend-requested',
        about: `agent-of-record-lost.${reference}`,
        planChangeId: reference,
      }),
    ]);
  });

  it.each<[string, LedgerEmail]>([
    ['email_not_resendable', ledgerEmail({ kind: 'pin', messageId: `pin.${reference}.1` })],
    [
      'email_not_resendable',
      ledgerEmail({ kind: 'password-reminder', messageId: `password-reminder.${reference}.7` }),
    ],
    ['email_outdated', ledgerEmail({ validUntilMs: NOW_MS })],
    ['email_outdated', ledgerEmail({ status: 'delivered', validUntilMs: NOW_MS - 1 })],
  ])('A resend is refused as %s, and the refusal is audited', async (code, email) => {
    expect(await resendOf(email)).toMatchObject({ status: 409, body: { code } });
    expect(runs.resent).toEqual([]);
    expect(api.events).toMatchObject([{ action: 'email-resend-requested', outcome: code }]);
  });

  it('A resend is refused while the email is being sent, also when another request was faster', async () => {
    runs.sending = true;
    const pending = await resendOf(ledgerEmail({ status: 'pending' }));
    runs.sending = false;
    runs.resentAs = null;
    const slower = await resendOf(ledgerEmail());

    for (const { status, body } of [pending, slower])
      expect([status, body.code]).toEqual([409, 'email_being_sent']);
  });

  it('A resend of an email that is not in the ledger is answered 404', async () => {
    expect(await resend(`password-changed.${reference}`)).toMatchObject({ status: 404 });
    expect(await resend('no%20message')).toMatchObject({ status: 404 });
  });
});
