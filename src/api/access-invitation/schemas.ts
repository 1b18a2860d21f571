/** Access codes that staff issue to people who are not agents (spec.md 2). */
import { z } from 'zod';
import { timestamp, typedEmail, typedName } from '../http/fields';

export const inviteBody = z
  .strictObject({
    email: typedEmail().meta({
      description: 'Where the code is sent, and the only address that can register with it.',
      example: 'seamus@example.com',
    }),
    firstName: typedName().meta({ example: 'Séamus' }),
    lastName: typedName().meta({ example: 'O’Dwyer' }),
  })
  .meta({ id: 'InviteToRegister' });

export const issuedInvitation = z
  .object({
    id: z.uuid(),
    expiresAt: timestamp().meta({ description: 'Until then the code works, once.' }),
  })
  .meta({ id: 'AccessInvitation', description: 'Without the code, which is sent only by email.' });
