import { randomUUID } from 'node:crypto';
import { createAccounts } from '../../../src/adapters/postgres/accounts';
import { migrateDatabase } from '../../../src/adapters/postgres/migrate';
import type { RefoldReport } from '../../../src/adapters/postgres/refold-keys';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { insertAccount, insertAgent, NOW_MS } from './records';

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(() => database.drop());

async function refold(): Promise<RefoldReport> {
  const { refolded, withoutAddress } = await migrateDatabase(database.url);
  return { refolded, withoutAddress };
}

/** As an earlier fold left them: the builders only make addresses small. */
const member = async (email: string, createdAt: string, closedAt: string | null = null): Promise<string> => {
  const id = await insertAccount(database.prisma, { email });
  await database.prisma.account.update({
    where: { id },
    data: { createdAt: new Date(createdAt), closedAt: closedAt === null ? null : new Date(closedAt) },
  });
  return id;
};
const findId = (email: string): Promise<string | null> =>
  createAccounts(database.prisma).findIdByEmail('member', email);
const emailsOf = async (): Promise<string[]> =>
  (await database.prisma.account.findMany({ orderBy: { createdAt: 'asc' } })).map(({ email }) => email);

it('Refolding renews the keys of addresses, keeps what was typed, and does nothing the second time', async () => {
  const jose = await member('Jose\u0301@example.com', '2026-01-01');
  const ana = await member('ana@Correo-México.example', '2026-01-02');
  await member('plain@example.com', '2026-01-03');

  expect(await refold()).toEqual({ refolded: 2, withoutAddress: [] });
  expect(await refold()).toEqual({ refolded: 0, withoutAddress: [] });

  expect(await findId('JOSÉ@example.com')).toBe(jose);
  expect(await findId('Jose\u0301@example.com')).toBe(jose);
  expect(await findId('ana@xn--correo-mxico-ieb.example')).toBe(ana);
  expect(await emailsOf()).toEqual([
    'Jose\u0301@example.com',
    'ana@Correo-México.example',
    'plain@example.com',
  ]);
});

it.each([
  ['older', '2026-01-01', '2026-02-01'],
  ['younger', '2026-02-01', '2026-01-01'],
])(
  'Refolding leaves a shared address to the older of two members if the key of the %s one changes',
  async (_, decomposed, composed) => {
    const ids = [
      await member('Jose\u0301@example.com', decomposed),
      await member('josé@example.com', composed),
    ];
    const [keeper, other] = decomposed < composed ? ids : ids.toReversed();

    expect(await refold()).toMatchObject({ withoutAddress: [other] });

    expect(await findId('josé@example.com')).toBe(keeper);
    expect(await emailsOf()).toHaveLength(2);
    expect(await refold()).toEqual({ refolded: 0, withoutAddress: [other] });
  },
);

it('Refolding leaves a shared address to an open account before a closed one, and returns it once it is free', async () => {
  const closed = await member('ana@México.example', '2026-01-01', '2026-03-01');
  const open = await member('ana@xn--mxico-bsa.example', '2026-02-01');

  expect(await refold()).toMatchObject({ withoutAddress: [closed] });
  expect(await findId('ana@méxico.example')).toBe(open);

  await database.prisma.account.update({
    where: { id: open },
    data: { email: 'moved@example.com', emailKey: 'moved@example.com', closedAt: null },
  });
  expect(await refold()).toEqual({ refolded: 1, withoutAddress: [] });
  await database.prisma.account.update({ where: { id: closed }, data: { closedAt: null } });
  expect(await findId('ana@méxico.example')).toBe(closed);
});

it('Refolding lets brokers share an address, and ends all but the newest invitation to an address', async () => {
  for (const email of ['desk@méxico.example', 'desk@xn--mxico-bsa.example'])
    await insertAccount(database.prisma, { portal: 'broker', email });
  const invite = async (email: string, day: number): Promise<string> => {
    const id = randomUUID();
    await database.prisma.accessInvitation.create({
      data: {
        id,
        pepperId: 'test',
        codeDigest: id,
        email,
        emailKey: email,
        createdBy: id,
        firstName: 'Noor',
        lastName: 'Haddad',
        createdAt: new Date(NOW_MS + day * 86_400_000),
        expiresAt: new Date(NOW_MS + 30 * 86_400_000),
      },
    });
    return id;
  };
  const newest = await invite('noor@méxico.example', 2);
  await invite('noor@me\u0301xico.example', 1);
  await invite('noor@xn--mxico-bsa.example', 0);

  expect(await refold()).toEqual({ refolded: 3, withoutAddress: [] });

  const invitations = await database.prisma.accessInvitation.findMany();
  expect(new Set(invitations.map(({ emailKey }) => emailKey))).toEqual(
    new Set(['noor@xn--mxico-bsa.example']),
  );
  expect(invitations.filter(({ replacedAt }) => replacedAt === null).map(({ id }) => id)).toEqual([newest]);
});

it('Refolding renews the keys of names', async () => {
  const agentKey = await insertAgent(database.prisma, {
    firstName: 'D’Andre',
    lastName: 'O’Brien Jr.',
    previousLastNames: ['St. John'],
  });
  await database.prisma.agent.update({
    where: { agentKey },
    data: { firstNameKey: "d'andre", lastNameKeys: ["o'brien jr.", 'st. john'] },
  });

  expect(await refold()).toEqual({ refolded: 1, withoutAddress: [] });
  expect(await refold()).toEqual({ refolded: 0, withoutAddress: [] });
  expect(await database.prisma.agent.findUnique({ where: { agentKey } })).toMatchObject({
    firstName: 'D’Andre',
    firstNameKey: 'dandre',
    lastNameKeys: ['obrien', 'st john'],
  });
});
