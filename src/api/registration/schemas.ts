/** Registering for the broker portal, and a forgotten username (spec.md 2 and 5). */
import { z } from 'zod';
import { timestamp, typedEmail, typedName, typedPassword, typedText } from '../http/fields';
import { typedAnswers } from './security-answers';
import { account } from '../session/schemas';

const MAX_TOKEN_LENGTH = 4096;

export const verifyBody = z
  .strictObject({
    lastName: typedName().meta({
      description: 'A previous last name works too. For a corporation, the licensed principal’s.',
      example: 'O’Dwyer',
    }),
    accessCode: typedText(64).meta({
      description:
        '`C`, the writing number, the last six digits of the SSN, `A`; for a corporation `SYS` before its number; ' +
        'or the emailed code. Case, spaces and hyphens do not matter.',
      example: 'C AB12345 123456 A',
    }),
  })
  .meta({ id: 'VerifyRegistration' });

export const verification = z
  .object({
    token: z.string().meta({
      description: 'For one registration, and not for long.',
    }),
    kind: z.enum(['agent', 'corporation', 'other']),
    expiresAt: timestamp().meta({ description: 'When the token is over.' }),
  })
  .meta({ id: 'Verification' });

export const registerBody = z
  .strictObject({
    token: typedText(MAX_TOKEN_LENGTH).meta({ description: 'The `token` of the verification.' }),
    username: typedText(254).meta({
      description: 'Must meet the portal’s username rule; unique regardless of letter case.',
      example: 'seamus.odwyer',
    }),
    password: typedPassword().meta({
      description: 'Must meet the portal’s password rule.',
      example: 'Sunny_day7',
    }),
    confirmation: typedPassword().meta({ description: 'The same password again.', example: 'Sunny_day7' }),
    email: typedEmail().meta({
      description: 'With an emailed code: the address it was sent to.',
      example: 'seamus@example.com',
    }),
    phone: typedText(64).meta({
      description: 'The US national form, or the international one with `+`.',
      example: '(212) 555-0123',
    }),
    securityAnswers: typedAnswers(
      'Two different questions of the portal; answers that nobody could guess from what stands beside them.',
    ),
    termsVersion: typedText(64).meta({
      description: 'The accepted version: the portal’s current one.',
      example: '2026-01',
    }),
  })
  .meta({ id: 'RegisterBroker' });

/** What somebody types before the terms are shown. */
export const checkRegistrationBody = registerBody
  .omit({ termsVersion: true })
  .meta({ id: 'CheckRegistration' });

export const registered = z.object({ account }).meta({ id: 'Registered' });

const names = {
  firstName: typedName().meta({ example: 'Séamus' }),
  lastName: typedName().meta({ description: 'A previous last name works too.', example: 'O’Dwyer' }),
};

/** Two forms: with the agent number, or, for people who are not agents, with the email address. */
export const remindBody = z
  .discriminatedUnion('notAnAgent', [
    z.strictObject({
      ...names,
      agentNumber: typedText(64).meta({
        description: 'Case, spaces and hyphens do not matter.',
        example: 'AB-12345',
      }),
      notAnAgent: z.literal(false).optional(),
    }),
    z.strictObject({
      ...names,
      email: typedEmail().meta({ example: 'seamus@example.com' }),
      notAnAgent: z.literal(true),
    }),
  ])
  .meta({ id: 'RemindUsername' });

export const remindedUsername = z
  .object({ username: z.string().meta({ example: 'seamus.odwyer' }) })
  .meta({ id: 'RemindedUsername' });
