/** Signing in, and changing a password one still knows (spec.md 3). */
import { z } from 'zod';
import { timestamp, typedPassword, typedText } from '../http/fields';

const MAX_USERNAME_LENGTH = 254;

const application = z.enum(['portal', 'express-app']);
const username = (): z.ZodString =>
  typedText(MAX_USERNAME_LENGTH).meta({
    description: 'Letter case does not matter.',
    example: 'maria.lopez',
  });

export const signInBody = z
  .strictObject({
    username: username(),
    password: typedPassword().meta({ example: 'Sunny_day7' }),
    application: application
      .default('portal')
      .meta({ description: 'One of the applications of the portal.' }),
  })
  .meta({ id: 'SignIn' });

export const changePasswordBody = z
  .strictObject({
    username: username(),
    currentPassword: typedPassword().meta({ example: 'Sunny_day7' }),
    password: typedPassword().meta({ description: 'The new one.', example: 'Rainy_day8' }),
    confirmation: typedPassword().meta({ description: 'The new one again.', example: 'Rainy_day8' }),
  })
  .meta({ id: 'ChangePassword' });

export const account = z
  .object({
    id: z.string(),
    username: z.string().meta({ example: 'maria.lopez' }),
    firstName: z.string().meta({ example: 'Maria' }),
  })
  .meta({ id: 'Account' });

const termsToAccept = z
  .string()
  .optional()
  .meta({
    description:
      'Brokers: the current version of the terms, if the person has not accepted it. Show `GET /v1/portals/broker/terms`, ' +
      'and let the person go on after `POST /v1/session/terms`. Absent: nothing to accept.',
    example: '2027-01',
  });

export const acceptTermsBody = z
  .strictObject({
    version: typedText(64).meta({
      description: 'The accepted version: the portal’s current one.',
      example: '2027-01',
    }),
  })
  .meta({ id: 'AcceptTerms' });

const idleExpiresAt = timestamp().nullable().meta({
  description:
    'When the session ends unless it is used again; each call with its token moves this on. `null`: only `expiresAt` ends it.',
  example: '2026-03-02T16:45:00.000Z',
});

const address = z.string().nullable().meta({
  description: 'The network of the address: `203.0.113.x`, or the /48 of an IPv6 address.',
  example: '203.0.113.x',
});

export const startedSession = z
  .object({
    token: z.string().meta({
      description: 'The bearer token of the session. It is returned only here.',
      example: 'kH5yqBvM3mR0u6w8bQ9dJt2xZ7cVn4pLs1fGaEoYiWU',
    }),
    expiresAt: timestamp(),
    idleExpiresAt,
    account,
    termsToAccept,
  })
  .meta({ id: 'StartedSession' });

const ownAccount = account
  .extend({ twoStep: z.boolean().meta({ description: 'Whether signing in takes an emailed code too.' }) })
  .meta({ id: 'OwnAccount' });

export const currentSession = z
  .object({
    account: ownAccount,
    application,
    startedAt: timestamp(),
    from: address,
    expiresAt: timestamp(),
    idleExpiresAt,
    passwordExpiresAt: timestamp().nullable().meta({
      description: 'From then on a new password must be chosen, and this session is over. `null`: never.',
      example: '2026-05-31T16:30:00.000Z',
    }),
    termsToAccept,
  })
  .meta({ id: 'Session' });

export const peekQuery = z.object({
  peek: z
    .enum(['true', 'false'])
    .optional()
    .meta({ description: '`true`: only look; this call is no use of the session.' }),
});

export const signIns = z
  .object({
    signIns: z.array(
      z.object({
        at: timestamp(),
        application,
        address,
        current: z.boolean().meta({ description: 'Whether it is this session.' }),
        ended: z.boolean(),
      }),
    ),
  })
  .meta({ id: 'SignIns' });
