/** Two-step verification over HTTP (spec.md 3). */
import { z } from 'zod';
import { timestamp, typedForm, typedId, typedPassword } from '../http/fields';

export const signInParams = z.object({
  id: typedId().meta({ description: 'The `id` returned when the code was sent.' }),
});

export const submitCodeBody = z
  .strictObject({
    code: typedForm(64, '[0-9]{4,10}').meta({
      description:
        'As many digits as the sign-in’s codes have (`twoStep.digits` of the portal when it was opened). A string, to keep leading zeros. Surrounding space does not matter.',
      example: '041785',
    }),
  })
  .meta({ id: 'SubmitCode' });

const signInFields = {
  id: z.uuid(),
  stage: z.literal('code'),
  sentTo: z.string().meta({ description: 'The address on record, masked.', example: 'm***@example.com' }),
  expiresAt: timestamp().meta({ description: 'When the newest code, and with it the sign-in, is over.' }),
  resendAvailableAt: timestamp()
    .meta({ description: 'When a new code can be requested. Absent: this sign-in gets no more codes.' })
    .optional(),
  triesLeft: z.int().min(0).meta({
    description: 'Of the newest code. With none left, a new code has tries of its own.',
    example: 3,
  }),
};

export const signIn = z.object(signInFields).meta({ id: 'CodeSent' });

export const openedSignIn = z
  .object({
    ...signInFields,
    token: z
      .string()
      .meta({ description: 'The bearer token for the calls on this sign-in. It is returned only here.' }),
  })
  .meta({ id: 'CodeSentWithToken' });

export const turnedOn = z.object({ twoStep: z.literal(true) }).meta({ id: 'TwoStepOn' });

export const turnOffBody = z
  .strictObject({
    password: typedPassword().meta({ description: 'The current one.', example: 'Sunny_day7' }),
  })
  .meta({ id: 'TurnTwoStepOff' });
