/** Whose password ends soon, or has ended (spec.md 6). */
import { isoTime } from '../../contracts/http/fields';
import { rotations, rotationsQuery } from '../../contracts/http/rotation';
import { decodeCursor, encodeCursor } from '../cursor';
import type { ApiDeps } from '../deps';
import { defineRoute, type Route } from '../route';

const PAGE = 100;

type RotationDeps = Pick<ApiDeps, 'rotations' | 'policies' | 'clock'>;

/** `GET /v1/rotations`. */
export function rotationRoutes({ rotations: list, policies, clock }: RotationDeps): Route[] {
  return [
    defineRoute({
      method: 'get',
      path: '/v1/rotations',
      tag: 'Staff',
      summary: 'Passwords that end soon, or have ended',
      auth: { apiKey: ['audit'] },
      query: rotationsQuery,
      responses: { 200: rotations },
      problems: [],
      handle: async ({ query: { state, cursor } }) => {
        const after = cursor === undefined ? undefined : decodeCursor(cursor);
        // One more than is shown tells whether there is another page.
        const found = await list.list({ policies, state, after, nowMs: clock(), limit: PAGE + 1 });
        const shown = found.slice(0, PAGE);
        const last = shown.at(-1);
        const more = found.length > PAGE && last !== undefined;
        return {
          status: 200,
          body: {
            rotations: shown.map(
              ({ setAtMs, expiresAtMs, remindedAtMs, accountId, username, ...rotation }) => ({
                ...rotation,
                account: { id: accountId, username },
                passwordSetAt: isoTime(setAtMs),
                expiresAt: isoTime(expiresAtMs),
                remindedAt: remindedAtMs === null ? null : isoTime(remindedAtMs),
              }),
            ),
            nextCursor: more ? encodeCursor({ atMs: last.expiresAtMs, id: last.credentialId }) : null,
          },
        };
      },
    }),
  ];
}
