/** `GET /v1/rotations`: passwords that expire soon, or have expired (spec.md 6). */
import { z } from 'zod';
import { ROTATION_STATES } from '../../domain/password-rotation/password-rotation';
import { timestamp, typedCursor } from '../http/fields';
import { PORTALS } from '../../domain/portal';

const state = z.enum(ROTATION_STATES).meta({
  description:
    '`due`: expires soon, not reminded yet. `reminded`: at least once. `expired`: has expired, and no new one was chosen.',
});

export const rotationsQuery = z.strictObject({
  state: state.optional(),
  cursor: typedCursor(200),
});

export const rotations = z
  .object({
    rotations: z.array(
      z
        .object({
          credentialId: z.uuid(),
          account: z.object({ id: z.uuid(), username: z.string() }),
          portal: z.enum(PORTALS),
          state,
          passwordSetAt: timestamp(),
          expiresAt: timestamp(),
          remindedAt: timestamp().nullable().meta({ description: 'When the newest reminder went out.' }),
        })
        .meta({ id: 'Rotation' }),
    ),
    nextCursor: z.string().nullable().meta({ description: 'For the next page; null: this is the last.' }),
  })
  .meta({ id: 'Rotations', description: 'Current passwords of open accounts, ordered by expiry.' });
