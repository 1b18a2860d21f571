/** A forgotten password or user ID over HTTP (spec.md 4 and 5). */
import { z } from 'zod';
import {
  timestamp,
  typedEmail,
  typedForm,
  typedId,
  typedName,
  typedPassword,
  typedText,
} from '../http/fields';
import { PORTALS } from '../../domain/portal';
import { askedQuestion, typedAnswers } from '../registration/security-answers';

export const openMemberResetBody = z
  .strictObject({
    email: typedEmail().meta({
      description: 'The address to send the PIN to. Letter case and surrounding space do not matter.',
      example: 'maria@example.com',
    }),
  })
  .meta({ id: 'OpenMemberReset' });

export const openBrokerResetBody = z
  .strictObject({
    username: typedText(254).meta({ description: 'Letter case does not matter.', example: 'seamus.odwyer' }),
    firstName: typedName().meta({ example: 'Séamus' }),
    lastName: typedName().meta({ description: 'A previous last name works too.', example: 'O’Dwyer' }),
    proof: z.enum(['answers', 'pin']).optional().meta({
      description:
        'One that `recovery` of the portal allows. Absent: answers if they are allowed, else a PIN.',
    }),
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
        'As many digits as the reset’s PINs have (`pin.digits` of the portal when it was opened). A string, to keep leading zeros. Surrounding space does not matter.',
      example: '0417',
    }),
  })
  .meta({ id: 'SubmitPin' });

export const choosePasswordBody = z
  .strictObject({
    password: typedPassword().meta({ description: 'Never cut, folded or trimmed.', example: 'Sunny_day7' }),
    confirmation: typedPassword().meta({ description: 'The same password again.', example: 'Sunny_day7' }),
  })
  .meta({ id: 'ChoosePassword' });

export const resetParams = z.object({
  id: typedId().meta({ description: 'The `id` returned when the reset was started.' }),
});

const resetFields = {
  id: z.uuid(),
  portal: z.enum(PORTALS),
  stage: z
    .enum(['pin', 'answers', 'password', 'completed', 'username-shown', 'expired', 'exhausted', 'cancelled'])
    .meta({ description: 'The stage of the reset, as far as the holder of this token may know.' }),
  progressPercent: z.int().meta({ description: '33, 66 or 100.', example: 33 }),
  sentTo: z
    .string()
    .meta({ description: 'Members: the typed address, masked.', example: 'm***@example.com' })
    .optional(),
  expiresAt: timestamp().meta({ description: 'When this stage ends if nothing happens.' }),
  resendAvailableAt: timestamp().meta({ description: 'When a new PIN can be requested.' }).optional(),
  triesLeft: z.int().min(0).meta({ description: 'How many wrong entries are left.', example: 3 }).optional(),
  questions: z
    .array(askedQuestion)
    .meta({ description: 'While the stage is `answers`: the two questions.' })
    .optional(),
  username: z
    .string()
    .meta({
      description:
        'The user ID. Only for the token that proved identity, once it is shown or a broker’s reset is completed.',
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
      .meta({ description: 'The bearer token for all further calls. It is returned only here.' }),
  })
  .meta({ id: 'OpenedPasswordReset' });
