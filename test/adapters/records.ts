/** Records that the adapters' tests begin with. Each builder takes only the fields that matter. */
import { randomUUID } from 'node:crypto';
import type { Portal } from '../../src/domain/portal';
import type { PrismaClient } from '../../src/adapters/generated/client';

export const NOW_MS = Date.UTC(2026, 10, 22, 12, 30, 15, 123);

interface AccountFields {
  readonly portal?: Portal;
  readonly username?: string;
  readonly email?: string;
  readonly memberId?: string;
}

/** An account without a password. Gives its id. */
export async function insertAccount(prisma: PrismaClient, fields: AccountFields = {}): Promise<string> {
  const id = randomUUID();
  const username = fields.username ?? `user-${id.slice(0, 8)}`;
  const email = fields.email ?? `${id}@example.com`;
  await prisma.account.create({
    data: {
      id,
      portal: fields.portal ?? 'member',
      username,
      usernameKey: username.toLowerCase(),
      email,
      emailKey: email.toLowerCase(),
      firstName: 'Ana',
      lastName: 'Ruiz',
      language: 'es',
      memberId: fields.memberId ?? null,
    },
  });
  return id;
}

/** The account's current password. Gives the credential's id. */
export async function insertCredential(
  prisma: PrismaClient,
  accountId: string,
  { hash = 'old-hash', setAtMs = NOW_MS - 86_400_000, retiredAtMs = null as number | null } = {},
): Promise<string> {
  const id = randomUUID();
  await prisma.credential.create({
    data: {
      id,
      accountId,
      hash,
      setAt: new Date(setAtMs),
      retiredAt: retiredAtMs === null ? null : new Date(retiredAtMs),
    },
  });
  return id;
}
