/** `GET /v1/portals/{portal}`: what a front end needs to know before it asks anything of a person (spec.md 1). */
import { z } from 'zod';
import { PORTALS } from '../http/fields';

const helpLine = z.object({ phone: z.string(), hours: z.string() });

const usernameRule = z
  .object({
    minLength: z.int(),
    maxLength: z.int(),
    minLetters: z.int(),
    maxDigitsInARow: z.int(),
    symbols: z.string().meta({ description: 'Accepted beside A-Z, a-z and 0-9.' }),
  })
  .meta({ id: 'UsernameRule' });

const passwordRule = z
  .object({
    minLength: z.int(),
    maxLength: z.int(),
    minDigits: z.int(),
    minLetters: z.int(),
    symbols: z.string().meta({ description: 'Accepted beside A-Z, a-z and 0-9; nothing else is.' }),
    historyLength: z.int().meta({ description: 'So many of the passwords used last may not come back.' }),
    lifetimeDays: z.int().nullable().meta({ description: 'null: a password does not expire.' }),
  })
  .meta({ id: 'PasswordRule' });

const pinRule = z
  .object({ digits: z.int(), validForMinutes: z.int(), resendAfterSeconds: z.int() })
  .meta({ id: 'PinRule' });

export const portalFacts = z
  .object({
    portal: z.enum(PORTALS),
    name: z.string(),
    languages: z.array(z.enum(['en', 'es'])),
    applications: z.array(z.enum(['portal', 'express-app'])),
    username: usernameRule,
    password: passwordRule,
    pin: pinRule.nullable().meta({ description: 'null: this portal sends no PINs.' }),
    securityQuestions: z.array(z.object({ id: z.string(), text: z.string() })),
    termsVersion: z.string(),
    helpLines: z.object({
      portal: helpLine.meta({ description: 'For the pages.' }),
      emails: helpLine.meta({ description: 'The one that emails name.' }),
    }),
  })
  .meta({ id: 'Portal', description: 'The facts of one portal, in the language of `Accept-Language`.' });
