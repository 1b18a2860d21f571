/** Passwords that expire soon, or have expired (spec.md 6). */
import { isoTime } from '../http/fields';
import { rotations, rotationsQuery } from './schemas';
import { decodeCursor, pageOf } from '../http/cursor';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../http/route';

const PAGE = 100;

type RotationDeps = Pick<ApiDeps, 'rotations' | 'policies' | 'clock'>;

/** `GET /v1/rotations`. */
export function rotationRoutes({ rotations: list, policies, clock }: RotationDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/rotations',
      tag: 'Staff',
      summary: 'Passwords that expire soon, or have expired',
      auth: { apiKey: ['audit'] },
      query: rotationsQuery,
      responses: { 200: rotations },
      problems: [],
      handle: async ({ query: { state, cursor } }) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor);
        const found = await list.list({ policies, state, after, nowMs: clock(), limit: PAGE + 1 });
        const { page, nextCursor } = pageOf(found, PAGE, ({ expiresAtMs, credentialId }) => ({
          atMs: expiresAtMs,
          id: credentialId,
        }));
        return {
          status: 200,
          body: {
            rotations: page.map(
              ({ setAtMs, expiresAtMs, remindedAtMs, accountId, username, ...rotation }) => ({
                ...rotation,
                account: { id: accountId, username },
                passwordSetAt: isoTime(setAtMs),
                expiresAt: isoTime(expiresAtMs),
                remindedAt: remindedAtMs === null ? null : isoTime(remindedAtMs),
              }),
            ),
            nextCursor,
          },
        };
      },
    }),
  ];
}
