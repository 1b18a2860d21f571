/** `GET /v1/portals/{portal}`: what a front end needs before it asks a person for input (spec.md 1). */
import { z } from 'zod';
import { PORTALS } from '../../domain/portal';

const helpLine = z.object({ phone: z.string(), hours: z.string() });

const usernameRule = z
  .object({
    minLength: z.int(),
    maxLength: z.int(),
    minLetters: z.int(),
    maxDigitsInARow: z.int(),
    symbols: z.string().meta({ description: 'Accepted besides A-Z, a-z and 0-9.' }),
  })
  .meta({ id: 'UsernameRule' });

const passwordRule = z
  .object({
    minLength: z.int(),
    maxLength: z.int(),
    minDigits: z.int(),
    minLetters: z.int(),
    symbols: z.string().meta({ description: 'Accepted besides A-Z, a-z and 0-9; nothing else is.' }),
    historyLength: z.int().meta({ description: 'How many of the last passwords cannot be reused.' }),
    lifetimeDays: z.int().nullable().meta({ description: 'null: a password does not expire.' }),
  })
  .meta({ id: 'PasswordRule' });

const pinRule = z
  .object({ digits: z.int(), validForMinutes: z.int(), resendAfterSeconds: z.int() })
  .meta({ id: 'PinRule' });

const twoStepRule = z
  .object({
    digits: z.int(),
    validForMinutes: z.int(),
    resendAfterSeconds: z.int(),
    triesPerCode: z.int(),
    codesPerHour: z.int().meta({ description: 'Of one person, over all sign-ins.' }),
  })
  .meta({ id: 'TwoStepRule' });

export const termsText = z
  .object({
    version: z.string().meta({ example: '2026-01' }),
    date: z.iso.date().meta({ description: 'The day from which they hold.', example: '2026-01-01' }),
    text: z.string().meta({ description: 'Markdown.' }),
  })
  .meta({ id: 'Terms', description: 'The current terms of a portal, in the language of `Accept-Language`.' });

export const portalFacts = z
  .object({
    portal: z.enum(PORTALS),
    name: z.string(),
    languages: z.array(z.string().meta({ example: 'en' })),
    timeZone: z
      .string()
      .meta({ description: 'Of times that people are shown.', example: 'America/New_York' }),
    applications: z.array(z.enum(['portal', 'express-app'])),
    username: usernameRule,
    password: passwordRule,
    recovery: z.enum(['answers', 'pin', 'either']).meta({
      description:
        'How a forgotten password is proved: by answers to security questions, by an emailed PIN, or as the person chooses.',
    }),
    pin: pinRule.nullable().meta({ description: 'null: this portal sends no PINs.' }),
    twoStep: twoStepRule
      .nullable()
      .meta({ description: 'Two-step verification by emailed codes; null: this portal does not offer it.' }),
    securityQuestions: z.array(z.object({ id: z.string(), text: z.string() })),
    sessionIdleMinutes: z
      .int()
      .nullable()
      .meta({ description: 'Without use until a session ends; null: it does not.' }),
    termsVersion: z.string(),
    helpLines: z.object({
      portal: helpLine.meta({ description: 'The help line shown on pages.' }),
      emails: helpLine.meta({ description: 'The help line named in emails.' }),
    }),
  })
  .meta({ id: 'Portal', description: 'The facts of one portal, in the language of `Accept-Language`.' });
