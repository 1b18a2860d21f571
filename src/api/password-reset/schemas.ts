/** A forgotten password or user ID over HTTP (spec.md 4 and 5). */
import { z } from 'zod';
import {
  PORTALS,
  timestamp,
  typedEmail,
  typedForm,
  typedId,
  typedName,
  typedPassword,
  typedText,
} from '../http/fields';
import { askedQuestion, typedAnswers } from '../registration/security-answers';

export const openMemberResetBody = z
  .strictObject({
    email: typedEmail().meta({
      description: 'The address to send the PIN to. Letter case and the space around it do not matter.',
      example: 'maria@example.com',
    }),
  })
  .meta({ id: 'OpenMemberReset' });

export const openBrokerResetBody = z
  .strictObject({
    username: typedText(254).meta({ description: 'Letter case does not matter.', example: 'seamus.odwyer' }),
    firstName: typedName().meta({ example: 'Séamus' }),
    lastName: typedName().meta({ description: 'A previous one works too.', example: 'O’Dwyer' }),
  })
  .meta({ id: 'OpenBrokerReset' });

export const submitAnswersBody = z
  .strictObject({
    answers: typedAnswers('To both `questions` of the reset, in any order.'),
  })
  .meta({ id: 'SubmitAnswers' });

export const submitPinBody = z
  .strictObject({
    pin: typedForm(64, '[0-9]{4,10}').meta({
      description:
        'As many digits as the reset’s PINs have (`pin.digits` of the portal when it was opened). A string, so that leading zeros stay. Space around it does not matter.',
      example: '0417',
    }),
  })
  .meta({ id: 'SubmitPin' });

export const choosePasswordBody = z
  .strictObject({
    password: typedPassword().meta({ description: 'Never cut, folded or trimmed.', example: 'Sunny_day7' }),
    confirmation: typedPassword().meta({ description: 'The same once more.', example: 'Sunny_day7' }),
  })
  .meta({ id: 'ChoosePassword' });

export const resetParams = z.object({
  id: typedId().meta({ description: 'The `id` that the opening gave.' }),
});

const resetFields = {
  id: z.uuid(),
  portal: z.enum(PORTALS),
  stage: z
    .enum(['pin', 'answers', 'password', 'completed', 'username-shown', 'expired', 'exhausted', 'cancelled'])
    .meta({ description: 'Where the reset stands, as far as the holder of this token may know.' }),
  progressPercent: z.int().meta({ description: '33, 66 or 100.', example: 33 }),
  sentTo: z
    .string()
    .meta({ description: 'The typed address, masked.', example: 'm***@example.com' })
    .optional(),
  expiresAt: timestamp().meta({ description: 'When this stage is over if nothing happens.' }),
  resendAvailableAt: timestamp().meta({ description: 'From when on a new PIN can be asked for.' }).optional(),
  triesLeft: z
    .int()
    .min(0)
    .meta({ description: 'Wrong entries that are still taken.', example: 3 })
    .optional(),
  questions: z
    .array(askedQuestion)
    .meta({ description: 'Brokers, while the stage is `answers`: the two to be answered.' })
    .optional(),
  username: z
    .string()
    .meta({
      description:
        'The user ID: to the token that proved identity, once it is shown or a broker’s reset completed.',
      example: 'maria.lopez',
    })
    .optional(),
};

export const passwordReset = z.object(resetFields).meta({ id: 'PasswordReset' });

export const openedPasswordReset = z
  .object({
    ...resetFields,
    token: z
      .string()
      .meta({ description: 'The bearer token of all further calls. It is told here and never again.' }),
  })
  .meta({ id: 'OpenedPasswordReset' });
