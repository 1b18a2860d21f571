/** Access codes for people who are not agents, issued by staff (spec.md 2). */
import { inviteBody, issuedInvitation } from './schemas';
import { isoTime } from '../http/fields';
import { foldLastName, foldName } from '../../domain/accounts/names';
import { DAY_MS } from '../../domain/time';
import { foldEmail } from '../../domain/accounts/text';
import type { ApiDeps } from '../deps';
import { AppError } from '../http/problems';
import { defineRoute, type Route } from '../http/route';

type InvitationDeps = Pick<ApiDeps, 'brokers' | 'invitations' | 'notices' | 'digests' | 'policies' | 'clock'>;

/** `POST /v1/access-invitations`. */
export function accessInvitationRoutes({
  brokers,
  invitations,
  notices,
  digests,
  policies,
  clock,
}: InvitationDeps): Route[] {
  return [
    defineRoute({
      method: 'post',
      path: '/v1/access-invitations',
      tag: 'Staff',
      summary: 'Issue an access code to somebody who is not an agent',
      description:
        'The code is emailed and works once, for this address; it replaces an earlier one for the same address.',
      auth: { apiKey: ['accounts'] },
      body: inviteBody,
      responses: { 201: issuedInvitation },
      problems: ['already_registered'],
      handle: async ({ body, key, address, operation }) => {
        const id = operation.idFor('invitation');
        const { isRepeated } = operation;
        const issuedUntilMs = isRepeated ? await invitations.findExpiry(id) : null;
        if (issuedUntilMs !== null) {
          // The email may not have gone out, if its run gave up before the write.
          await notices.announceInvitation({
            invitationId: id,
            atMs: clock(),
            expiresAtMs: issuedUntilMs,
            isRepeated,
          });
          return { status: 201, body: { id, expiresAt: isoTime(issuedUntilMs) } };
        }
        const registered = await brokers.findUsernameByEmail({
          firstNameKey: foldName(body.firstName),
          lastNameKey: foldLastName(body.lastName),
          emailKey: foldEmail(body.email),
        });
        if (registered) throw new AppError('already_registered');

        const pepperId = digests.currentId;
        const createdAtMs = clock();
        const expiresAtMs = createdAtMs + policies.broker.invitationDays * DAY_MS;
        const codeDigest = digests.invitationCodeDigest(digests.invitationCode(pepperId, id));
        // Before the write: a code without an email would be worse than an email run that finds no code.
        await notices.announceInvitation({ invitationId: id, atMs: createdAtMs, expiresAtMs, isRepeated });
        await invitations.issue({
          ...body,
          id,
          pepperId,
          codeDigest,
          createdAtMs,
          expiresAtMs,
          createdBy: key.id,
          address,
        });
        return { status: 201, body: { id, expiresAt: isoTime(expiresAtMs) } };
      },
    }),
  ];
}
