import { userInfo } from 'node:os';
import { createHash, randomUUID } from 'node:crypto';
import { apiKeyCommand } from '../../src/cli/api-key';
import { createApiKeys } from '../../src/adapters/postgres/api-keys';
import { createTestKeyring } from '../support/keyring';
import { createTestDatabase, type TestDatabase } from '../support/database';
import { NOW_MS } from '../adapters/postgres/records';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.prisma.apiKey.deleteMany());
afterAll(() => database.drop());

async function run(
  args: readonly string[],
  { databaseUrl = database.url, nowMs = NOW_MS, operator = 'ana' } = {},
) {
  let out = '';
  let err = '';
  const code = await apiKeyCommand(
    args,
    { DATABASE_URL: databaseUrl, TENURE_OPERATOR: operator },
    { out: (text) => (out += text), err: (text) => (err += text) },
    nowMs,
  );
  return { code, out, err };
}
const createKey = async (...args: string[]): Promise<string> =>
  (await run(['create', '--name', 'CRM', '--scopes', 'accounts', ...args])).out.trim();

const USE = { scopes: ['accounts'] as const, address: '192.0.2.7' };

describe('create', () => {
  it('api-key create shows the key once, stores only its digest and writes an audit event', async () => {
    const { code, out, err } = await run([
      ...['create', '--name', ' Call center ', '--scopes', 'unit, accounts,unit', '--staff', 'S-17'],
    ]);

    expect(code).toBe(0);
    expect(out).toMatch(/^tenure_[\w-]{43}\n$/);
    const [key] = await database.prisma.apiKey.findMany();
    expect(err).toBe(
      `Key ${key!.id} "Call center" for staff number S-17, with accounts, unit. It is shown this once: keep it safe now.\n`,
    );
    expect(key).toMatchObject({
      name: 'Call center',
      scopes: ['accounts', 'unit'],
      staffNumber: 'S-17',
      digest: createHash('sha256').update(out.trim()).digest('base64url'),
      createdAt: new Date(NOW_MS),
      revokedAt: null,
      lastUsedAt: null,
    });
    expect(JSON.stringify(key)).not.toContain(out.trim());
    const events = await database.prisma.auditEvent.findMany({ where: { apiKeyId: key!.id } });
    expect(events).toMatchObject([
      { action: 'api-key-created', outcome: 'success', accountId: null, operator: 'ana' },
    ]);
  });

  it('api-key create makes a key that the API accepts', async () => {
    const key = await createKey();

    const holder = await createApiKeys(database.prisma).findByDigest(
      createTestKeyring().tokenDigest(key),
      NOW_MS,
      USE,
    );

    expect(holder).toMatchObject({ name: 'CRM', scopes: ['accounts'], staffNumber: null });
  });
});

describe('list', () => {
  it('api-key list shows each key’s purpose and last use, but neither the key nor its digest', async () => {
    const first = await createKey();
    await createKey('--staff', '17');
    const keys = await database.prisma.apiKey.findMany({ orderBy: { createdAt: 'asc' } });
    const [used, other] = keys[0]!.staffNumber === null ? keys : keys.toReversed();
    await createApiKeys(database.prisma).findByDigest(used!.digest, NOW_MS, USE);
    await run(['revoke', other!.id]);

    const { code, out } = await run(['list']);

    expect(code).toBe(0);
    expect(out.split('\n').toSorted()).toEqual(
      [
        '',
        `${used!.id}  CRM  accounts  no staff number  created 2026-11-22T12:30:15.123Z  used 2026-11-22T12:30:15.123Z`,
        `${other!.id}  CRM  accounts  staff 17  created 2026-11-22T12:30:15.123Z  never used  revoked 2026-11-22T12:30:15.123Z`,
      ].toSorted(),
    );
    expect(out).not.toContain(first);
    expect(out).not.toContain(used!.digest);
  });

  it('api-key list says when there are no keys', async () => {
    expect(await run(['list'])).toEqual({ code: 0, out: '', err: 'There are no keys.\n' });
  });
});

describe('revoke', () => {
  it('api-key revoke ends a key, audits it once and says when the key was already revoked', async () => {
    await createKey();
    const { id } = await database.prisma.apiKey.findFirstOrThrow();

    const first = await run(['revoke', id]);
    const second = await run(['revoke', id.toUpperCase()], { nowMs: NOW_MS + 60_000 });

    expect([first.out, second.out]).toEqual([
      `Key ${id} is revoked.\n`,
      `Key ${id.toUpperCase()} was revoked before.\n`,
    ]);
    expect(await database.prisma.apiKey.findMany()).toMatchObject([{ revokedAt: new Date(NOW_MS) }]);
    const events = await database.prisma.auditEvent.findMany({
      where: { apiKeyId: id, action: 'api-key-revoked' },
    });
    expect(events).toMatchObject([{ operator: 'ana' }]);
  });

  it('api-key revoke reports an unknown key', async () => {
    const id = randomUUID();

    expect(await run(['revoke', id])).toMatchObject({
      code: 1,
      err: `There is no key ${id}: "list" shows them.\n`,
    });
  });
});

describe('operator', () => {
  const operators = async () =>
    (await database.prisma.auditEvent.findMany({ orderBy: { id: 'desc' }, take: 1 })).map(
      ({ operator }) => operator,
    );

  it('The operator is the operating system user when TENURE_OPERATOR is not set', async () => {
    await run(['create', '--name', 'CRM', '--scopes', 'accounts'], { operator: '' });

    expect(await operators()).toEqual([userInfo().username]);
  });

  it('An operator name with a line break is refused and no key is created', async () => {
    const { code, err } = await run(['create', '--name', 'CRM', '--scopes', 'accounts'], {
      operator: 'ana\nroot',
    });

    expect({ code, err }).toMatchObject({ code: 1, err: expect.stringContaining('TENURE_OPERATOR') });
    expect(await database.prisma.apiKey.count()).toBe(0);
  });
});

describe('command line', () => {
  it.each([
    [[], /^Usage:\n {2}npm run api-key -- create/],
    [['make'], /^Usage/],
    [['create'], /^--name is missing\.\nUsage/],
    [['create', '--name', ' ', '--scopes', 'unit'], /^--name is missing/],
    [['create', '--name', 'x'.repeat(65), '--scopes', 'unit'], /^--name has more than 64 characters/],
    [['create', '--name', 'x\u001b[2J', '--scopes', 'unit'], /^--name has a control character/],
    [['create', '--name', 'x'], /^--scopes is missing/],
    [
      ['create', '--name', 'x', '--scopes', 'unit,root,'],
      /^There is no scope "root", ""\. Scopes: accounts, intake/,
    ],
    [['create', '--name', 'x', '--scopes', 'Unit'], /^There is no scope "Unit"/],
    [['create', '--name', 'x', '--scopes', 'unit', '--staff', ''], /^--staff is missing/],
    [['create', '--name', 'x', '--scope', 'unit'], /^Unknown option '--scope'[\s\S]*Usage/],
    [['create', 'x', '--scopes', 'unit'], /^Usage/],
    [['list', 'x'], /^Usage/],
    [['list', '--name', 'x'], /^Usage/],
    [['revoke'], /^Usage/],
    [['revoke', 'x'], /^"x" is not the id of a key: "list" shows them/],
    [['revoke', randomUUID(), randomUUID()], /^Usage/],
  ])('The api-key command explains wrong arguments: %j', async (args, message) => {
    const result = await run(args);

    expect(result).toEqual({ code: 1, out: '', err: expect.stringMatching(message) });
    expect(await database.prisma.apiKey.count()).toBe(0);
  });

  it('The api-key command reports a database that it cannot reach', async () => {
    const result = await run(['list'], { databaseUrl: 'postgresql://127.0.0.1:1/nothing' });

    expect(result).toEqual({
      code: 1,
      out: '',
      err: 'The database of DATABASE_URL cannot be reached, and nothing was changed.\n',
    });
  });
});
