import { randomUUID } from 'node:crypto';
import { createInvitations } from '../../../src/adapters/postgres/invitations';
import { createTestDatabase, type TestDatabase } from '../../support/database';
import { NOW_MS } from './records';
import { portalPolicies } from '../../support/brand';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase();
});
afterAll(() => database.drop());

const invitationFor = (email: string, createdAtMs = NOW_MS) => ({
  id: randomUUID(),
  pepperId: '2026',
  codeDigest: randomUUID(),
  email,
  firstName: 'Olga',
  lastName: 'Other',
  createdAtMs,
  expiresAtMs: createdAtMs + 14 * 86_400_000,
  createdBy: randomUUID(),
  address: '192.0.2.7',
});
const rowsOf = (emailKey: string) =>
  database.prisma.accessInvitation.findMany({ where: { emailKey }, orderBy: { createdAt: 'asc' } });

it('issue stores an invitation under its folded address, and audits it with the API key that issued it', async () => {
  const invitation = invitationFor('Olga@Example.com');

  await createInvitations(database.prisma, portalPolicies).issue(invitation);

  const { createdAtMs, expiresAtMs, address, ...fields } = invitation;
  expect(await rowsOf('olga@example.com')).toEqual([
    {
      ...fields,
      emailKey: 'olga@example.com',
      createdAt: new Date(createdAtMs),
      expiresAt: new Date(expiresAtMs),
      usedAt: null,
      replacedAt: null,
    },
  ]);
  const events = await database.prisma.auditEvent.findMany({ where: { apiKeyId: invitation.createdBy } });
  expect(events).toMatchObject([
    { action: 'invitation-issued', outcome: 'success', at: new Date(NOW_MS), address },
  ]);
});

it('issue ends the earlier invitation for the same address, and no other', async () => {
  const invitations = createInvitations(database.prisma, portalPolicies);
  await invitations.issue(invitationFor('two@example.com'));
  await invitations.issue(invitationFor('bystander@example.com'));

  await invitations.issue(invitationFor(' TWO@example.com', NOW_MS + 5000));

  expect(await rowsOf('two@example.com')).toMatchObject([
    { replacedAt: new Date(NOW_MS + 5000) },
    { replacedAt: null },
  ]);
  expect(await rowsOf('bystander@example.com')).toMatchObject([{ replacedAt: null }]);
});

it('issue ends the earlier invitation for the same address, however the address is written', async () => {
  const invitations = createInvitations(database.prisma, portalPolicies);
  await invitations.issue(invitationFor('jose\u0301@correo-m\u00e9xico.example'));

  await invitations.issue(invitationFor('jos\u00e9@xn--correo-mxico-ieb.example', NOW_MS + 5000));

  expect(await rowsOf('jos\u00e9@xn--correo-mxico-ieb.example')).toMatchObject([
    { email: 'jose\u0301@correo-m\u00e9xico.example', replacedAt: new Date(NOW_MS + 5000) },
    { replacedAt: null },
  ]);
});

it('findExpiry returns when an invitation expires, and null for an unknown one', async () => {
  const invitations = createInvitations(database.prisma, portalPolicies);
  const invitation = invitationFor('ends@example.com');
  await invitations.issue(invitation);

  expect(await invitations.findExpiry(invitation.id)).toBe(invitation.expiresAtMs);
  expect(await invitations.findExpiry(randomUUID())).toBeNull();
});

it('issue changes nothing the second time, even if a newer invitation was issued since', async () => {
  const invitations = createInvitations(database.prisma, portalPolicies);
  const first = invitationFor('again@example.com');
  await invitations.issue(first);
  await invitations.issue(invitationFor('again@example.com', NOW_MS + 5000));
  const before = await rowsOf('again@example.com');

  await invitations.issue(first);

  expect(await rowsOf('again@example.com')).toEqual(before);
  expect(await database.prisma.auditEvent.count({ where: { apiKeyId: first.createdBy } })).toBe(1);
});

it('issue leaves one invitation open when twenty are issued at the same moment', async () => {
  const invitations = createInvitations(database.prisma, portalPolicies);

  await Promise.all(Array.from({ length: 20 }, () => invitations.issue(invitationFor('rush@example.com'))));

  const rows = await rowsOf('rush@example.com');
  expect(rows).toHaveLength(20);
  expect(rows.filter(({ replacedAt }) => replacedAt === null)).toHaveLength(1);
});

describe('findForMail', () => {
  it('findForMail returns the recipient of an invitation without an account', async () => {
    const invitations = createInvitations(database.prisma, portalPolicies);
    const invitation = invitationFor('mail@example.com');
    await invitations.issue(invitation);

    expect(await invitations.findForMail(invitation.id)).toEqual({
      recipient: {
        portal: 'broker',
        email: 'mail@example.com',
        firstName: 'Olga',
        username: '',
        language: 'en',
      },
      pepperId: '2026',
      expiresAtMs: invitation.expiresAtMs,
      open: true,
    });
  });

  it('findForMail tells when an invitation is used or replaced, and returns null for an unknown one', async () => {
    const invitations = createInvitations(database.prisma, portalPolicies);
    const [used, replaced] = [invitationFor('used@example.com'), invitationFor('replaced@example.com')];
    await invitations.issue(used);
    await invitations.issue(replaced);
    await invitations.issue(invitationFor('replaced@example.com'));
    await database.prisma.accessInvitation.update({ where: { id: used.id }, data: { usedAt: new Date() } });

    expect(await invitations.findForMail(used.id)).toMatchObject({ open: false });
    expect(await invitations.findForMail(replaced.id)).toMatchObject({ open: false });
    expect(await invitations.findForMail(randomUUID())).toBeNull();
  });
});
